-- name: reconciliation_seal_broken
-- Every comparison still has the seal of its figures, its lines and the comparison before it.
select reconciled_on, run_no from accounts.reconciliations
where seal <> accounts.reconciliation_seal(no, reconciled_on, run_no, opening_fen, closing_fen,
                                           differences);

-- name: our_side_is_not_what_was_noted
-- Our figures are the movements noted when they were added up, and nothing else.
select l.reconciled_on, l.run_no, l.direction
from accounts.reconciliation_lines l
join accounts.reconciliations r using (reconciled_on, run_no)
left join lateral (
  select count(*)::int as count, coalesce(sum(m.amount_fen), 0)::bigint as fen
  from accounts.clearing_movements m
  where m.moved_on = l.reconciled_on and m.direction = l.direction
    and pg_visible_in_snapshot(m.noted_by, r.seen)) n on true
where (l.our_count, l.our_fen) <> (n.count, n.fen);

-- name: difference_forgotten
-- A comparison that found differences has at least so many items of its date.
select r.reconciled_on, r.run_no
from accounts.reconciliations r
left join accounts.differences d using (reconciled_on)
group by r.reconciled_on, r.run_no, r.differences
having count(d.id) < r.differences;

-- name: their_balance_does_not_add_up
-- The clearing house's own day: what it held before and after differ by what moved.
select r.reconciled_on, r.run_no
from accounts.reconciliations r
join accounts.reconciliation_lines l using (reconciled_on, run_no)
group by r.reconciled_on, r.run_no, r.opening_fen, r.closing_fen
having r.opening_fen + sum(case when l.direction in ('outgoing', 'incoming_returned')
                                then -l.their_fen else l.their_fen end) <> r.closing_fen;
