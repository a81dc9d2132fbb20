-- name: note
-- Once per reference, line and direction: a repeat touches no row.
insert into accounts.clearing_movements
  (direction, reference, line_no, moved_on, amount_fen, business_id, noted_at)
select m.direction, m.reference, m.line_no, m.moved_on, m.amount_fen, :firm::uuid, :now
from unnest(:directions::text[], :references::text[], :lines::int[], :days::date[],
            :amounts::bigint[]) m(direction, reference, line_no, moved_on, amount_fen)
on conflict (direction, reference, line_no) do nothing;

-- name: totals
-- Our side of a date, by direction.
select direction, count(*)::int as count, sum(amount_fen)::bigint as amount_fen
from accounts.clearing_movements where moved_on = :on group by direction;

-- name: items
-- Our side of a date, item by item.
select direction, reference, line_no, amount_fen, business_id
from accounts.clearing_movements where moved_on = :on order by direction, reference, line_no;
