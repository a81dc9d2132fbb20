-- migrate:up
-- Electronic receipts (电子回单): one per payment settled and per credit received, with a check code.

create table accounts.receipts (
  business_id uuid not null,
  id uuid not null,
  source text not null,
  source_id uuid not null,
  number text not null,
  code text not null,
  file_id uuid not null,
  issued_at timestamptz not null,
  primary key (business_id, id),
  constraint one_receipt_per_movement unique (business_id, source, source_id),
  constraint receipt_source_is_known check (source in ('payment', 'credit'))
);
select core.tenant_table('accounts.receipts');

-- What anyone who holds the code may see; names masked, account numbers by their last digits.
create table accounts.receipt_directory (
  code text primary key,
  business_id uuid not null,
  receipt_id uuid not null,
  number text not null,
  amount_fen bigint not null,
  currency char(3) not null,
  booked_on date not null,
  payer text not null,
  payee text not null,
  issued_at timestamptz not null,
  constraint code_is_long_enough check (code ~ '^[0-9A-Z]{16}$')
);
select core.directory_table('accounts.receipt_directory');
alter table accounts.receipt_directory enable row level security;
alter table accounts.receipt_directory force row level security;
create policy anyone_reads on accounts.receipt_directory for select using (true);
create policy firm_writes_its_own on accounts.receipt_directory for insert to app, worker
  with check (business_id = core.business());
create policy owner_maintains on accounts.receipt_directory to owner
  using (true) with check (true);
revoke insert on accounts.receipt_directory from portal, desk;
revoke update on accounts.receipt_directory from app, worker, portal, desk;

-- migrate:down
-- forward only
