-- migrate:up
-- A payment file may be a message (pain.001) with an id of its own: the same message pays once.

alter table accounts.batches add column message_id text;
create unique index one_batch_per_message on accounts.batches (business_id, message_id)
  where message_id is not null;

-- migrate:down
-- forward only
