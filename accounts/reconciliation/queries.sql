-- name: forget_items
-- What comparisons that ended, or broke off, had been told.
delete from accounts.their_items where told_at < :now::timestamptz - interval '1 day';

-- name: add_items
-- A page of what the clearing house says of a date.
insert into accounts.their_items
  (comparison_id, direction, reference, line_no, amount_fen, told_at)
select :comparison_id, i.direction, i.reference, i.line_no, i.amount, :now
from unnest(:directions::text[], :references::text[], :lines::int[], :amounts::bigint[])
  i(direction, reference, line_no, amount)
on conflict do nothing;

-- name: compare_items
-- Every item of a date, ours as the totals had seen them beside theirs: what one side alone has,
-- and what both have with other amounts.
select direction, reference, line_no, o.amount_fen as our_fen, t.amount_fen as their_fen,
       o.business_id
from (select direction, reference, line_no, amount_fen, business_id
      from accounts.clearing_movements
      where moved_on = :on and pg_visible_in_snapshot(noted_by, :seen::text::pg_snapshot)) o
full join (select direction, reference, line_no, amount_fen
           from accounts.their_items where comparison_id = :comparison_id) t
  using (direction, reference, line_no)
where o.amount_fen is distinct from t.amount_fen
order by direction, reference, line_no;

-- name: drop_items
-- The comparison is sealed; what was told stands in its differences.
delete from accounts.their_items where comparison_id = :comparison_id;

-- name: lock
-- One comparison at a time: each is sealed over the one before it.
select pg_advisory_xact_lock(hashtextextended('accounts.reconciliations', 0));

-- name: numbers
-- The number of the next comparison, and of the next one of this date.
select coalesce(max(no), 0) + 1 as no,
       coalesce(max(run_no) filter (where reconciled_on = :on), 0) + 1 as run_no
from accounts.reconciliations;

-- name: last_compared
-- Up to which date everything has been compared once.
select coalesce(max(reconciled_on), :otherwise::date) from accounts.reconciliations;

-- name: add_lines
-- Both sides of each direction.
insert into accounts.reconciliation_lines
  (reconciled_on, run_no, direction, our_count, our_fen, their_count, their_fen)
select :on, :run_no, l.* from unnest(:directions::text[], :our_counts::int[], :our_fens::bigint[],
                                     :their_counts::int[], :their_fens::bigint[]) l;

-- name: seal
-- The comparison with its seal; its lines stand already. What it had seen is this snapshot.
insert into accounts.reconciliations
  (no, reconciled_on, run_no, opening_fen, closing_fen, differences, made_at, seen, seal)
values (:no, :on, :run_no, :opening_fen, :closing_fen, :differences, :now,
        :seen::text::pg_snapshot,
        accounts.reconciliation_seal(:no, :on, :run_no, :opening_fen, :closing_fen, :differences));

-- name: add_differences
-- Each difference once while it is open; what a person has explained as it stands stays so.
insert into accounts.differences
  (id, reconciled_on, direction, reference, line_no, our_fen, their_fen, business_id, found_at)
select d.id, :on, d.direction, d.reference, d.line_no, d.our_fen, d.their_fen, d.firm, :now
from unnest(:ids::uuid[], :directions::text[], :references::text[], :lines::int[],
            :our_fens::bigint[], :their_fens::bigint[], :firms::uuid[])
  d(id, direction, reference, line_no, our_fen, their_fen, firm)
where not exists (
  select from accounts.differences e
  where e.reconciled_on = :on and e.direction = d.direction and e.reference = d.reference
    and e.line_no = d.line_no and e.resolution = 'explained'
    and e.our_fen is not distinct from d.our_fen
    and e.their_fen is not distinct from d.their_fen)
on conflict do nothing
returning reference;

-- name: open_of
-- What still waits of a date, to see whether both sides agree by now.
select id, reconciled_on, direction, reference, line_no, our_fen, their_fen, business_id, state,
       claimed_by, explanation, resolution, resolved_by, resolved_at, version, found_at
from accounts.differences where reconciled_on = :on and state <> 'resolved'
order by direction, reference, line_no for no key update;

-- name: agree
-- Both sides say the same now.
update accounts.differences
set state = 'resolved', resolution = 'agrees', resolved_at = :now, version = version + 1
where id = any(:ids::uuid[]) and state <> 'resolved';

-- name: dates_open
-- Dates of the last month with something that waits.
select distinct reconciled_on from accounts.differences
where state <> 'resolved' and reconciled_on >= :since::date order by reconciled_on;

-- name: lock_difference
-- One decision about a difference at a time.
select id, reconciled_on, direction, reference, line_no, our_fen, their_fen, business_id, state,
       claimed_by, explanation, resolution, resolved_by, resolved_at, version, found_at
from accounts.differences where id = :id for no key update;

-- name: save
-- What the desk decided.
update accounts.differences
set state = :state, claimed_by = :claimed_by, explanation = :explanation,
    resolution = :resolution, resolved_by = :resolved_by, resolved_at = :resolved_at,
    version = :version
where id = :id;

-- name: differences_page
-- Newest first, filtered by state; one row more than the page.
select id, reconciled_on, direction, reference, line_no, our_fen, their_fen, business_id, state,
       claimed_by, explanation, resolution, resolved_by, resolved_at, version, found_at
from accounts.differences
where (:state::text is null or state = :state)
  and (:after_at::timestamptz is null or (found_at, id) < (:after_at, :after_id::uuid))
order by found_at desc, id desc limit :limit::int + 1;

-- name: page
-- Comparisons, the latest date first; one row more than the page.
select r.reconciled_on, r.run_no, r.opening_fen, r.closing_fen, r.differences,
       encode(r.seal, 'hex') as seal, r.made_at,
       coalesce((select jsonb_agg(jsonb_build_object(
                  'direction', l.direction, 'our_count', l.our_count, 'our_fen', l.our_fen,
                  'their_count', l.their_count, 'their_fen', l.their_fen) order by l.direction)
        from accounts.reconciliation_lines l
        where l.reconciled_on = r.reconciled_on and l.run_no = r.run_no), '[]'::jsonb) as lines
from accounts.reconciliations r
where :after_on::date is null or (r.reconciled_on, r.run_no) < (:after_on, :after_no::int)
order by r.reconciled_on desc, r.run_no desc limit :limit::int + 1;
