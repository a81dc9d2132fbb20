-- migrate:up
-- Batches: many payments from one file, checked row by row, approved as a whole, paid in slices.

insert into accounts.policies (kind, valid, value, source) values
  ('batches.bounds', '[2018-01-01,)',
   '{"rows": 10000, "columns": 20, "bytes": 5000000, "cell_characters": 300,
     "unpacked_bytes": 60000000, "unpacked_ratio": 100}',
   'bank policy: ten thousand payments a file; a workbook unpacks to a hundred times its size'),
  ('payments.duplicates', '[2018-01-01,)',
   '{"within_days": 3, "from_fen": 5000000}',
   'bank policy: from 50,000 yuan, the same amount to the same payee within three days is asked '
   'about before it is paid');

create table accounts.batches (
  business_id uuid not null,
  id uuid not null,
  account_id uuid not null,
  name text not null,
  mode text not null,
  speed text not null,
  file_id uuid,
  retries uuid,
  state text not null,
  reason text,
  row_count int not null default 0,
  bad_count int not null default 0,
  warned_count int not null default 0,
  total_fen bigint not null default 0,
  in_bank_fen bigint not null default 0,
  content_hash bytea,
  done_until int not null default 0,
  made_by uuid not null,
  version int not null default 1,
  created_at timestamptz not null,
  released_at timestamptz,
  sent_at timestamptz,
  finished_at timestamptz,
  primary key (business_id, id),
  constraint a_batch_is_retried_once unique (business_id, retries),
  constraint batch_mode_is_known check (mode in ('atomic', 'continue')),
  constraint batch_speed_is_known check (speed in ('instant', 'ordinary')),
  constraint batch_state_is_known
    check (state in ('checking', 'unreadable', 'checked', 'pending_approval', 'paying', 'paused',
                     'sent', 'finished', 'failed', 'rejected', 'cancelled')),
  constraint batch_rows_come_from_a_file_or_a_batch check (num_nonnulls(file_id, retries) = 1),
  constraint batch_totals_are_bounded
    check (total_fen between 0 and 1000000000000000 and in_bank_fen between 0 and total_fen),
  constraint batch_counts_fit
    check (bad_count between 0 and row_count and warned_count between 0 and row_count
           and done_until between 0 and row_count),
  constraint a_released_batch_has_its_hash
    check (released_at is null or octet_length(content_hash) = 32),
  foreign key (business_id, account_id) references accounts.deposits (business_id, id),
  foreign key (business_id, retries) references accounts.batches (business_id, id)
);
create index batches_newest on accounts.batches (business_id, id desc);
select core.tenant_table('accounts.batches');

-- One row of the file. `payment_id` is its payment's id from the first, so that the sealed account
-- number is already where the payment needs it; whether that payment exists says what was done.
create table accounts.batch_rows (
  business_id uuid not null,
  batch_id uuid not null,
  no int not null,
  line_no int not null,
  payment_id uuid not null,
  payee_name text not null,
  payee_sealed bytea,
  payee_account_tail text not null,
  payee_bank_code text not null,
  amount_fen bigint,
  purpose text not null,
  memo text not null,
  reference text not null,
  problems jsonb not null,
  warnings jsonb not null,
  payee text not null,
  party_id uuid,
  raw_sealed bytea,
  primary key (business_id, batch_id, no),
  constraint payee_standing_is_known check (payee in ('new', 'known', 'trusted')),
  constraint one_row_per_payment unique (business_id, payment_id),
  constraint batch_row_numbers_begin_at_one check (no >= 1 and line_no >= 1),
  constraint a_sound_row_can_be_paid
    check (problems <> '[]'
           or (payee_sealed is not null and amount_fen between 1 and 1000000000000000)),
  foreign key (business_id, batch_id) references accounts.batches (business_id, id)
);
select core.tenant_table('accounts.batch_rows');
revoke update on accounts.batch_rows from app, worker;

-- What was approved is what is paid: a row is never changed once it has been read.
create trigger batch_rows_stay before update or delete on accounts.batch_rows
  for each row execute function core.refuse_change();
create trigger batch_rows_are_never_emptied before truncate on accounts.batch_rows
  for each statement execute function core.refuse_change();

-- migrate:down
-- forward only
