"""Tests of private internals of folding, which tests of answers alone would leave unwatched."""
