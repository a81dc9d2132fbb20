-- name: keep_callback
-- Once per system and call-back: a repeated knock touches no row and makes no second event.
insert into outside.callbacks (system, callback_id, reference, event, said_at, received_at)
values (:system, :callback_id, :reference, :event, :said_at, :received_at)
on conflict (system, callback_id) do nothing;

-- name: forget_callbacks
-- A repeat that old is refused by the age of its signature already.
delete from outside.callbacks where received_at < :before;
