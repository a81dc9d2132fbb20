-- name: append_step
-- The next step of a stream; the primary key refuses two writers the same number.
insert into core.progress (business_id, stream_id, seq, event, facts, at)
select :business_id, :stream_id, coalesce(max(seq), 0) + 1, :event, :facts, :now
from core.progress where business_id = :business_id and stream_id = :stream_id;

-- name: steps_after
-- What a reader of a stream has not seen yet.
select seq, event, facts, at from core.progress
where business_id = :business_id and stream_id = :stream_id and seq > :after
order by seq limit 200;
