-- name: append_step
-- The next step of a stream; writers of one stream come one after the other.
select core.append_progress(:business_id, :stream_id, :event, :facts, :now);

-- name: steps_after
-- What a reader of a stream has not seen yet.
select seq, event, facts, at from core.progress
where business_id = :business_id and stream_id = :stream_id and seq > :after
order by seq limit 200;

-- name: heads
-- The last number of every stream that this process has readers of.
select stream_id, head from core.progress_heads(:businesses, :streams);
