-- migrate:up
-- Branches, and account numbers: one row for each number that anybody ever held.

create schema if not exists accounts;
grant usage on schema accounts to app, portal, desk, worker, nightly, verify, lane;

create table accounts.branches (
  code text primary key,
  name text not null,
  address text not null,
  area_code text not null,
  bank_code text not null,
  region text not null,
  number_code text not null,
  windows int not null,
  opens_at time not null default '09:00',
  closes_at time not null default '17:00',
  visit_minutes int not null default 30,
  constraint bank_code_has_twelve_digits check (bank_code ~ '^[0-9]{12}$'),
  constraint region_has_four_digits check (region ~ '^[0-9]{4}$'),
  constraint number_code_has_four_digits check (number_code ~ '^[0-9]{4}$'),
  constraint a_branch_has_windows check (windows between 1 and 50),
  constraint a_branch_opens_before_it_closes check (opens_at < closes_at),
  constraint one_branch_per_number_head unique (region, number_code)
);
select core.reference_table('accounts.branches');

insert into accounts.branches
  (code, name, address, area_code, bank_code, region, number_code, windows) values
  ('0001', '小微银行上海张江支行', '上海市浦东新区示例路1号', '310115', '102290000017', '1001', '0001', 3),
  ('0002', '小微银行上海静安支行', '上海市静安区示例路2号', '310106', '102290000025', '1001', '0002', 2),
  ('0003', '小微银行北京朝阳支行', '北京市朝阳区示例路3号', '110105', '102100000030', '0200', '0003', 3);

-- The number is the key, so that the bank can give it once; who has it may change only while it is
-- free or a hold has run out, and never again once an account carries it.
create table accounts.account_numbers (
  number text primary key,
  state text not null,
  business_id uuid not null,
  held_until timestamptz,
  application_id uuid,
  account_id uuid,
  changed_at timestamptz not null,
  constraint number_has_nineteen_digits check (number ~ '^[0-9]{19}$'),
  constraint check_digits_hold check (mod(number::numeric, 97) = 1),
  constraint number_state_is_known check (state in ('free', 'held', 'reserved', 'taken')),
  constraint a_hold_has_an_end check ((state = 'held') = (held_until is not null)),
  constraint a_reservation_has_an_application check (state <> 'reserved' or application_id is not null),
  constraint a_taken_number_has_an_account check ((state = 'taken') = (account_id is not null))
);
select core.directory_table('accounts.account_numbers');
create index numbers_of_a_firm on accounts.account_numbers (business_id, state);
create unique index one_number_per_application on accounts.account_numbers (application_id)
  where state = 'reserved';
alter table accounts.account_numbers enable row level security;
alter table accounts.account_numbers force row level security;
create policy anyone_sees_what_is_gone on accounts.account_numbers for select using (true);
create policy firm_changes_its_own on accounts.account_numbers for update
  to app, portal, desk, worker
  using (business_id = core.business()) with check (business_id = core.business());
create policy owner_maintains on accounts.account_numbers to owner using (true) with check (true);
revoke insert on accounts.account_numbers from app, portal, desk, worker;

-- The one way to a number: free, or a hold that has run out, whoever had it. The row decides.
create function accounts.hold_number(p_number text, p_held_until timestamptz, p_now timestamptz)
  returns setof accounts.account_numbers language sql
  security definer set search_path = pg_catalog, pg_temp
begin atomic
  insert into accounts.account_numbers as n (number, state, business_id, held_until, changed_at)
  values (p_number, 'held', core.business(), p_held_until, p_now)
  on conflict (number) do update
    set state = 'held', business_id = excluded.business_id, held_until = excluded.held_until,
        application_id = null, changed_at = excluded.changed_at
    where n.state = 'free'
       or (n.state = 'held' and (n.held_until <= p_now or n.business_id = excluded.business_id))
  returning *;
end;
revoke execute on function accounts.hold_number from public;
grant execute on function accounts.hold_number to app, portal, worker;

create function accounts.guard_number() returns trigger language plpgsql as $$
begin
  if old.state = 'taken' or (old.state = 'reserved' and old.business_id <> new.business_id) then
    raise exception 'account number % is not to be had', old.number using errcode = 'XW020';
  end if;
  return new;
end $$;
create trigger a_number_is_given_once before update on accounts.account_numbers
  for each row execute function accounts.guard_number();

-- migrate:down
-- forward only
