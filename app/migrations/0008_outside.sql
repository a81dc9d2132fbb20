-- migrate:up
-- What outside systems told us: only that they know more; the truth is asked for by reference.

create schema outside;
grant usage on schema outside to app, worker, verify;

create table outside.callbacks (
  system text not null,
  callback_id text not null collate "C",
  reference text not null collate "C",
  event text not null,
  said_at timestamptz not null,
  received_at timestamptz not null,
  constraint each_callback_is_received_once primary key (system, callback_id),
  constraint callback_system_is_known check (system in (
    'registry', 'account_filing', 'tax', 'clearing_house', 'bureau', 'face', 'sms'))
);
create index callbacks_by_reference on outside.callbacks (system, reference);
select core.local_table('outside.callbacks');

-- migrate:down
-- forward only
