-- name: note
-- Once per reference, line and direction: a repeat touches no row.
insert into accounts.clearing_movements
  (direction, reference, line_no, moved_on, amount_fen, business_id, noted_at)
select m.direction, m.reference, m.line_no, m.moved_on, m.amount_fen, :firm::uuid, :now
from unnest(:directions::text[], :references::text[], :lines::int[], :days::date[],
            :amounts::bigint[]) m(direction, reference, line_no, moved_on, amount_fen)
on conflict (direction, reference, line_no) do nothing;

-- name: totals
-- Our side of a date, by direction, and what this statement could see.
select d.direction, count(m.reference)::int as count,
       coalesce(sum(m.amount_fen), 0)::bigint as amount_fen, pg_current_snapshot()::text as seen
from unnest(:directions::text[]) d(direction)
left join accounts.clearing_movements m on m.moved_on = :on and m.direction = d.direction
group by d.direction;
