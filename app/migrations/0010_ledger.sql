-- migrate:up
-- Money the bank holds. Each firm's journal balances by itself: Σ postings + clearing = 0 per entry.
-- Tables belong to ledger_owner; only the functions of 0011 write them.

grant insert on core.table_class to ledger_owner;
set local role ledger_owner;
create schema ledger;
grant usage on schema ledger to app, portal, desk, worker, nightly, verify, lane, owner;

create table ledger.accounts (
  business_id uuid not null,
  id uuid not null,
  kind text not null,
  owner text not null,
  currency char(3) not null default 'CNY',
  state text not null default 'open',
  floor_fen bigint,
  balance_fen bigint not null default 0,
  held_fen bigint not null default 0,
  version bigint not null default 0,
  last_at timestamptz not null,
  opened_on date not null,
  month date not null,
  month_in_fen bigint not null default 0,
  month_out_fen bigint not null default 0,
  month_count int not null default 0,
  primary key (business_id, id),
  constraint account_never_falls_below_its_floor
    check (floor_fen is null or balance_fen - held_fen >= floor_fen),
  constraint held_is_never_negative check (held_fen >= 0),
  constraint amounts_are_bounded check (abs(balance_fen) <= 1000000000000000000),
  constraint owner_fits_kind check (
    (owner = 'firm' and kind = 'deposit')
    or (owner = 'bank' and kind in (
      'in_transit_out', 'in_transit_in', 'wages_in_transit', 'tax_in_transit', 'fee_income',
      'interest_income', 'interest_payable', 'loan_principal', 'clearing_house', 'capital'))),
  constraint firm_accounts_have_a_floor check (owner = 'bank' or floor_fen is not null),
  constraint account_state_is_known
    check (state in ('open', 'no_debit', 'no_credit', 'blocked', 'closed')),
  constraint closed_accounts_are_empty
    check (state <> 'closed' or (balance_fen = 0 and held_fen = 0))
) with (fillfactor = 50);
create unique index one_bank_side_account_per_kind
  on ledger.accounts (business_id, kind, currency) where owner = 'bank';

create table ledger.entries (
  business_id uuid not null,
  booked_on date not null,
  id uuid not null,
  transfer_id uuid,
  kind text not null,
  business_key text not null,
  currency char(3) not null,
  clearing_fen bigint not null,
  legs int not null,
  memo text not null default '',
  value_on date not null,
  at timestamptz not null,
  created_xid xid8 not null default pg_current_xact_id(),
  primary key (business_id, booked_on, id),
  constraint clearing_only_inside_a_transfer check (clearing_fen = 0 or transfer_id is not null),
  constraint entry_has_two_sides check (legs >= 2 or (legs = 1 and clearing_fen <> 0))
) partition by range (booked_on);
create index entries_of_a_transfer on ledger.entries (business_id, transfer_id)
  where transfer_id is not null;

-- What must be unique for ever; a partitioned table cannot hold it.
create table ledger.entry_keys (
  business_id uuid not null,
  kind text not null,
  business_key text not null collate "C",
  entry_id uuid not null,
  booked_on date not null,
  primary key (business_id, kind, business_key)
);

create table ledger.postings (
  business_id uuid not null,
  account_id uuid not null,
  booked_on date not null,
  seq bigint not null,
  entry_id uuid not null,
  leg int not null,
  amount_fen bigint not null,
  currency char(3) not null,
  balance_after_fen bigint not null,
  owner text not null,
  at timestamptz not null,
  primary key (business_id, account_id, booked_on, seq),
  constraint posting_moves_something check (amount_fen <> 0),
  constraint posting_is_bounded check (abs(amount_fen) <= 1000000000000000)
) partition by range (booked_on);

create table ledger.holds (
  business_id uuid not null,
  id uuid not null,
  account_id uuid not null,
  amount_fen bigint not null,
  state text not null default 'open',
  purpose text not null default '',
  placed_at timestamptz not null,
  expires_at timestamptz,
  closed_at timestamptz,
  primary key (business_id, id),
  constraint hold_is_positive check (amount_fen > 0),
  constraint hold_state_is_known check (state in ('open', 'captured', 'released')),
  constraint closed_holds_have_a_moment check ((state = 'open') = (closed_at is null))
);
create index open_holds on ledger.holds (business_id, account_id) where state = 'open';

-- Closed months per account; the open month stands on the account row.
create table ledger.rollups (
  business_id uuid not null,
  account_id uuid not null,
  month date not null,
  in_fen bigint not null,
  out_fen bigint not null,
  postings int not null,
  primary key (business_id, account_id, month)
);

insert into core.table_class
select 'ledger.' || t, 'firm'
from unnest(array['accounts', 'entries', 'entry_keys', 'postings', 'holds', 'rollups']) t;

do $$
declare t text;
begin
  foreach t in array array['accounts', 'entries', 'entry_keys', 'postings', 'holds', 'rollups'] loop
    execute format('alter table ledger.%I enable row level security', t);
    execute format('alter table ledger.%I force row level security', t);
    execute format('create policy ledger_writes on ledger.%I to ledger_owner using (true)'
                   ' with check (true)', t);
    execute format('create policy tenant_bank on ledger.%I for select to worker, desk'
                   ' using (business_id = core.business())', t);
    execute format('create policy verify_reads on ledger.%I for select to verify using (true)', t);
    execute format('create policy owner_reads on ledger.%I for select to owner using (true)', t);
    execute format('grant select on ledger.%I to app, worker, desk, verify, owner', t);
  end loop;
  -- The firm sees its own accounts; the bank's side of it stays hidden.
  foreach t in array array['accounts', 'postings'] loop
    execute format('create policy tenant_firm on ledger.%I for select to app'
                   ' using (business_id = core.business() and owner = ''firm'')', t);
  end loop;
  foreach t in array array['entries', 'entry_keys', 'holds', 'rollups'] loop
    execute format('create policy tenant_firm on ledger.%I for select to app'
                   ' using (business_id = core.business())', t);
  end loop;
end $$;

create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append-only' using errcode = 'XW002';
end $$;

-- Not chosen by whoever inserts: an entry belongs to the transaction that makes it.
create function ledger.stamp_entry() returns trigger language plpgsql as $$
begin
  new.created_xid := pg_current_xact_id();
  return new;
end $$;
create trigger entry_belongs_to_its_transaction before insert on ledger.entries
  for each row execute function ledger.stamp_entry();

-- The second wall behind ledger.post, once per statement over all its rows.
create function ledger.check_entries() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if exists (
    select from (
      select n.business_id, n.booked_on, n.entry_id, sum(n.amount_fen) total, count(*) legs,
             min(n.currency) lowest, max(n.currency) highest
      from new_rows n group by n.business_id, n.booked_on, n.entry_id) s
    left join ledger.entries e
      on e.business_id = s.business_id and e.booked_on = s.booked_on and e.id = s.entry_id
    where e.id is null or s.total + e.clearing_fen <> 0 or s.legs <> e.legs
       or s.lowest <> e.currency or s.highest <> e.currency
       or e.created_xid <> pg_current_xact_id()) then
    raise exception 'an entry does not balance' using errcode = 'XW010';
  end if;
  return null;
end $$;
create trigger every_entry_balances after insert on ledger.postings
  referencing new table as new_rows
  for each statement execute function ledger.check_entries();

do $$
declare t text;
begin
  foreach t in array array['entries', 'postings', 'entry_keys', 'rollups'] loop
    execute format('create trigger %s_are_append_only before update or delete on ledger.%I'
                   ' for each row execute function ledger.refuse_change()', t, t);
    execute format('create trigger %s_are_never_emptied before truncate on ledger.%I'
                   ' for each statement execute function ledger.refuse_change()', t, t);
  end loop;
  foreach t in array array['accounts', 'holds'] loop
    execute format('create trigger %s_are_never_deleted before delete on ledger.%I'
                   ' for each row execute function ledger.refuse_change()', t, t);
    execute format('create trigger %s_are_never_emptied before truncate on ledger.%I'
                   ' for each statement execute function ledger.refuse_change()', t, t);
  end loop;
end $$;

-- Month partitions up to three months after a date; safe to repeat.
create function ledger.make_months(p_on date) returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_month date;
  v_made int := 0;
  t text;
begin
  perform pg_advisory_xact_lock(7301003);
  for v_month in
    select generate_series(
      least(coalesce((select min(booked_on) from ledger.entries), date_trunc('month', p_on)::date),
            date_trunc('month', p_on)::date)::timestamp,
      date_trunc('month', p_on)::timestamp + interval '3 months', interval '1 month')::date
  loop
    foreach t in array array['entries', 'postings'] loop
      if to_regclass(format('ledger.%I', t || to_char(v_month, '_YYYYMM'))) is null then
        execute format('create table ledger.%I partition of ledger.%I for values from (%L) to (%L)',
                       t || to_char(v_month, '_YYYYMM'), t, v_month, v_month + interval '1 month');
        execute format('create trigger never_emptied before truncate on ledger.%I'
                       ' for each statement execute function ledger.refuse_change()',
                       t || to_char(v_month, '_YYYYMM'));
        v_made := v_made + 1;
      end if;
    end loop;
  end loop;
  return v_made;
end $$;
revoke execute on function ledger.make_months from public;
grant execute on function ledger.make_months to app, worker, nightly, owner;

reset role;

-- migrate:down
-- forward only
