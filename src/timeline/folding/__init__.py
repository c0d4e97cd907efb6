"""How a projection is folded: the definition by replay, and an incremental view that equals it.

**Replay.** A projection is a left fold (``foldl``) over a sequence: a start, and a step from a
state and the next event to a new state. The sequence is not the log, whose order is that of
arrival, but the accounts that stand, sorted by ``(earliest, latest, id)`` of their times.
Uncertain times form an *interval order* (Fishburn 1970): a is before b where a's latest moment
isn't after b's earliest. The sort is one linear extension of it, and depends on the events alone,
so arrival can't matter. ``replay`` is this definition; every faster way is tested to equal it.

**Incremental view maintenance.** New entries change the accounts of few events, and these may lie
anywhere in the order: late, corrected or retracted. ``dependency_index`` finds the events that an
entry can affect (the closure over retractions, replacements and voids), and resolves only those.

An event of which much is said has its account kept up to date as well (``live_accounts``): one
more claim costs the logarithm of how many there are, and not all of them again.

A long log that nobody followed yet is taken in at once (``bulk_build``): its accounts in order, as
one who asks gets them, and each tree from its leaves up.

**Summaries in a tree.** Accounts are indexed by their sort key in a *persistent* balanced tree
(``persistent_tree``; Driscoll et al. 1989): an update copies the path to the change and shares
the rest, so an old root still answers as of then. Each node has a summary of its stretch, and a
change recomputes the summaries on one path, O(log n). What a summary is depends on the projection
(``aggregation``):

* with ``merge`` the states form a *monoid*, fold being a homomorphism into it (Bird 1987): the
  summary is the state of the stretch by itself, and summaries are merged;
* over finitely many states, the step functions of a stretch compose to a *transition table* from
  the state before to the state after: composition is the monoid that every projection has;
* otherwise the summary is a remembered run: refolding stops where a state is met again.

**Stored.** ``snapshots`` writes a tree's changed nodes and its position in one transaction;
``state_codec`` turns states into bytes by their declared type; ``fingerprints`` digest the code
and settings of a projection, so that a state made by other code is never resumed. ``kept`` is the
handle that a log gives out.
"""
