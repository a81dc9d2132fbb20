-- migrate:up
-- Deposit accounts from their owner's view; balances and holds live in the ledger.

create schema if not exists accounts;
grant usage on schema accounts to app, portal, desk, worker, nightly, verify, lane, ledger_owner;

-- What the bank itself sets, by date: never two values of one kind on one day.
create table accounts.policies (
  kind text not null,
  valid daterange not null,
  value jsonb not null,
  source text not null,
  primary key (kind, valid without overlaps),
  constraint policy_is_valid_for_some_day check (not isempty(valid))
);
select core.reference_table('accounts.policies');

insert into accounts.policies (kind, valid, value, source) values
  ('bank.identity', '[2018-01-01,)',
   '{"bank_code": "102100099996", "name": "中国工商银行",
     "business_id": "00000000-0000-7000-8000-000000000001"}',
   'CNAPS head office code, public table of bank codes; the bank is a firm of its own ledger'),
  ('payments.rails', '[2018-01-22,2026-07-01)',
   '{"small_cap_fen": 100000000, "large_opens_minute": 1410, "large_closes_minute": 1035}',
   'HVPS 5x21 from 2018-01-22: 23:30 on T-1 to 17:15; cap of single small items 1,000,000 yuan'),
  ('payments.rails', '[2026-07-01,2026-10-19)',
   '{"small_cap_fen": 100000000, "large_opens_minute": 1230, "large_closes_minute": 1050}',
   'HVPS 5x21+12, in force July 2026: 20:30 on T-1 to 17:30'),
  ('payments.rails', '[2026-10-19,)',
   '{"small_cap_fen": 100000000, "large_opens_minute": 1140, "large_closes_minute": 1050}',
   'HVPS 5x22.5+13.5 on working days from 2026-10-19: 19:00 on T-1 to 17:30'),
  ('payments.second_person', '[2018-01-01,)',
   '{"outside_above_fen": 0, "in_bank_above_fen": null, "version": 0}',
   'bank policy: a payment to another bank needs a second person unless the firm sets otherwise'),
  ('limits.person', '[2018-01-01,)',
   '{"owner": {"single_fen": 500000000, "daily_fen": 1000000000},
     "other": {"single_fen": 50000000, "daily_fen": 100000000}}',
   'bank policy: second level of non-counter limits for staff, by agreement for the owner'),
  ('parties.cooling', '[2018-01-01,)', '{"hours": 24}',
   'bank policy: a payee entered just now is watched for a day');

-- Whose is this number? Known to the whole bank, so it leads by the number and not by a firm.
create table accounts.account_directory (
  number text primary key,
  business_id uuid not null,
  account_id uuid not null,
  name text not null,
  constraint number_is_digits check (number ~ '^[0-9]{9,32}$')
);
select core.directory_table('accounts.account_directory');
alter table accounts.account_directory enable row level security;
alter table accounts.account_directory force row level security;
create policy anyone_reads on accounts.account_directory for select using (true);
create policy firm_writes_its_own on accounts.account_directory to app, worker
  using (business_id = core.business()) with check (business_id = core.business());
create policy desk_writes on accounts.account_directory to desk
  using (core.staff() is not null) with check (core.staff() is not null);
create policy owner_maintains on accounts.account_directory to owner
  using (true) with check (true);
revoke insert, update on accounts.account_directory from portal;

create table accounts.deposits (
  business_id uuid not null,
  id uuid not null,
  number text not null,
  name text not null,
  account_class text not null,
  currency char(3) not null default 'CNY',
  state text not null default 'active',
  state_reason text,
  state_set_by text,
  state_until timestamptz,
  opened_on date not null,
  closed_on date,
  version int not null default 1,
  primary key (business_id, id),
  constraint account_number_is_the_firms_own unique (business_id, number),
  constraint account_class_is_known
    check (account_class in ('basic', 'general', 'special', 'temporary')),
  constraint account_state_is_known
    check (state in ('active', 'suspended_noncounter', 'stop_payment', 'frozen_full',
                     'receive_only', 'no_in_no_out', 'dormant', 'closed')),
  constraint closed_account_has_a_date check ((state = 'closed') = (closed_on is not null)),
  constraint account_is_closed_after_opening check (closed_on is null or closed_on >= opened_on)
);
-- A firm has exactly one basic account (人民币银行结算账户管理办法 Art. 4).
create unique index one_basic_account_per_firm on accounts.deposits (business_id)
  where account_class = 'basic' and state <> 'closed';
select core.tenant_table('accounts.deposits');
select core.desk_works('accounts.deposits');

-- migrate:down
-- forward only
