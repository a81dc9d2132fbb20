-- migrate:up
-- The close of a business date: from then on nothing is booked on it, and the day of each firm is
-- sealed: one row per firm, date and currency, each chained to the day before.

set local role ledger_owner;

-- Closed: no posting is taken for the date any more. Sealed: every firm's row of it is there.
create table ledger.closing (
  one boolean primary key default true,
  closed_until date not null default '1900-01-01',
  -- Whoever could not know yet that the date is closed has a lower number; null until it is known.
  barrier xid8,
  sealed_until date not null default '1900-01-01',
  constraint there_is_one_closing check (one),
  constraint only_closed_dates_are_sealed check (sealed_until <= closed_until)
);
insert into ledger.closing default values;
select core.reference_table('ledger.closing');

create table ledger.day_closes (
  business_id uuid not null,
  closed_on date not null,
  currency char(3) not null,
  entries int not null,
  clearing_fen bigint not null,
  firm_postings int not null,
  firm_opening_fen bigint not null,
  firm_in_fen bigint not null,
  firm_out_fen bigint not null,
  firm_closing_fen bigint not null,
  bank_postings int not null,
  bank_opening_fen bigint not null,
  bank_in_fen bigint not null,
  bank_out_fen bigint not null,
  bank_closing_fen bigint not null,
  previous_hash bytea not null,
  -- Not chosen by whoever inserts. The date as a number of days: its text depends on the session.
  hash bytea not null generated always as (sha256(previous_hash || (
    business_id::text || '|' || (closed_on - date '2000-01-01')::text || '|' || currency::text
    || '|' || entries::text || '|' || clearing_fen::text
    || '|' || firm_postings::text || '|' || firm_opening_fen::text || '|' || firm_in_fen::text
    || '|' || firm_out_fen::text || '|' || firm_closing_fen::text
    || '|' || bank_postings::text || '|' || bank_opening_fen::text || '|' || bank_in_fen::text
    || '|' || bank_out_fen::text || '|' || bank_closing_fen::text)::bytea)) stored,
  sealed_at timestamptz not null default clock_timestamp(),
  primary key (business_id, closed_on, currency),
  constraint the_firms_day_adds_up
    check (firm_opening_fen + firm_in_fen - firm_out_fen = firm_closing_fen),
  constraint the_banks_day_adds_up
    check (bank_opening_fen + bank_in_fen - bank_out_fen = bank_closing_fen),
  constraint a_day_balances
    check (firm_in_fen - firm_out_fen + bank_in_fen - bank_out_fen + clearing_fen = 0)
);
-- Rows come in the order of their dates, so a few pages find those of one date over all firms.
create index day_closes_of_a_date on ledger.day_closes using brin (closed_on);

insert into core.table_class values ('ledger.day_closes', 'firm');
alter table ledger.day_closes enable row level security;
alter table ledger.day_closes force row level security;
create policy ledger_writes on ledger.day_closes to ledger_owner using (true) with check (true);
create policy desk_reads on ledger.day_closes for select to desk
  using (core.staff() is not null);
create policy verify_reads on ledger.day_closes for select to verify using (true);
create policy owner_reads on ledger.day_closes for select to owner using (true);
grant select on ledger.day_closes to desk, verify, owner;
create trigger day_closes_are_append_only before update or delete on ledger.day_closes
  for each row execute function ledger.refuse_change();
create trigger day_closes_are_never_emptied before truncate on ledger.day_closes
  for each statement execute function ledger.refuse_change();

-- As before, and: nothing is booked on a closed date. The look at `closing` has a snapshot of its
-- own, taken when this transaction had its number already: whoever does not see the close here has
-- a number below the barrier, and is waited for before anything is summed. It may simply begin
-- again, on the date that is then open: hence a serialization failure and not a refusal.
create or replace function ledger.check_entries() returns trigger
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
  if (select c.closed_until from ledger.closing c) >= (select min(n.booked_on) from new_rows n) then
    raise exception 'the business date is closed' using errcode = '40001';
  end if;
  return null;
end $$;

-- Close every date up to one that has ended. Call it until it is true: then every transaction that
-- could have booked on them has ended, and no other can.
create function ledger.close_dates(p_until date) returns boolean
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  c ledger.closing;
begin
  if p_until >= ((clock_timestamp() + (select k.ahead from core.clock k))
                 at time zone 'Asia/Shanghai')::date then
    raise exception 'the business date has not ended' using errcode = 'XW013';
  end if;
  select * into c from ledger.closing for no key update;
  if c.closed_until < p_until then
    update ledger.closing set closed_until = p_until, barrier = null;
    return false;
  elsif c.barrier is null then
    -- In a later transaction than the close itself, which everybody sees by now.
    update ledger.closing set barrier = pg_snapshot_xmax(pg_current_snapshot());
    return false;
  end if;
  return c.barrier <= pg_snapshot_xmin(pg_current_snapshot());
end $$;

-- The first date that is not sealed for every firm; null while there is no account at all.
create function ledger.first_unsealed() returns date
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select case when c.sealed_until > date '1900-01-01' then c.sealed_until + 1
              else (select min(a.opened_on) from ledger.accounts a) end
  from ledger.closing c
$$;

-- Seal a closed date for the next firms after one. A repeat finds nothing left to seal.
create function ledger.seal_day(
  p_on date, p_after uuid, p_limit int, out firms int, out sealed int, out last_firm uuid
) language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_barrier xid8;
  v_firms uuid[];
begin
  select c.barrier into v_barrier from ledger.closing c where c.closed_until >= p_on;
  if v_barrier is null or v_barrier > pg_snapshot_xmin(pg_current_snapshot()) then
    raise exception 'the business date is not closed yet' using errcode = 'XW013';
  end if;
  select array_agg(f.business_id order by f.business_id) into v_firms
  from (select distinct a.business_id from ledger.accounts a
        where a.business_id > p_after order by a.business_id limit p_limit) f;
  firms := coalesce(cardinality(v_firms), 0);
  last_firm := v_firms[firms];

  with held as (
    select a.business_id, a.currency, min(a.opened_on) since
    from ledger.accounts a where a.business_id = any(v_firms)
    group by a.business_id, a.currency
  ), due as (
    select h.business_id, h.currency, b.firm_closing_fen, b.bank_closing_fen, b.hash
    from held h
    left join ledger.day_closes b
      on b.business_id = h.business_id and b.closed_on = p_on - 1 and b.currency = h.currency
    where h.since <= p_on
      and not exists (
        select from ledger.day_closes d
        where d.business_id = h.business_id and d.closed_on = p_on and d.currency = h.currency)
      and (b.hash is not null or not exists (
        select from ledger.day_closes e
        where e.business_id = h.business_id and e.currency = h.currency))
  ), moved as (
    select p.business_id, p.currency,
           count(*) filter (where p.owner = 'firm') firm_n,
           sum(p.amount_fen) filter (where p.owner = 'firm' and p.amount_fen > 0) firm_in,
           -sum(p.amount_fen) filter (where p.owner = 'firm' and p.amount_fen < 0) firm_out,
           count(*) filter (where p.owner = 'bank') bank_n,
           sum(p.amount_fen) filter (where p.owner = 'bank' and p.amount_fen > 0) bank_in,
           -sum(p.amount_fen) filter (where p.owner = 'bank' and p.amount_fen < 0) bank_out
    from ledger.accounts a
    join ledger.postings p
      on p.business_id = a.business_id and p.account_id = a.id and p.booked_on = p_on
    where a.business_id = any(v_firms)
      and a.last_at >= p_on::timestamp at time zone 'Asia/Shanghai'
    group by p.business_id, p.currency
  ), booked as (
    select e.business_id, e.currency, count(*) n, sum(e.clearing_fen) clearing
    from ledger.entries e where e.business_id = any(v_firms) and e.booked_on = p_on
    group by e.business_id, e.currency
  )
  insert into ledger.day_closes
    (business_id, closed_on, currency, entries, clearing_fen,
     firm_postings, firm_opening_fen, firm_in_fen, firm_out_fen, firm_closing_fen,
     bank_postings, bank_opening_fen, bank_in_fen, bank_out_fen, bank_closing_fen, previous_hash)
  select d.business_id, p_on, d.currency, coalesce(b.n, 0), coalesce(b.clearing, 0),
         coalesce(m.firm_n, 0), coalesce(d.firm_closing_fen, 0),
         coalesce(m.firm_in, 0), coalesce(m.firm_out, 0),
         coalesce(d.firm_closing_fen, 0) + coalesce(m.firm_in, 0) - coalesce(m.firm_out, 0),
         coalesce(m.bank_n, 0), coalesce(d.bank_closing_fen, 0),
         coalesce(m.bank_in, 0), coalesce(m.bank_out, 0),
         coalesce(d.bank_closing_fen, 0) + coalesce(m.bank_in, 0) - coalesce(m.bank_out, 0),
         coalesce(d.hash, decode(repeat('00', 32), 'hex'))
  from due d
  left join moved m on m.business_id = d.business_id and m.currency = d.currency
  left join booked b on b.business_id = d.business_id and b.currency = d.currency
  on conflict do nothing;
  get diagnostics sealed = row_count;
end $$;

-- Firms that hold an account since a date or longer and whose day is not sealed, a page at a time.
create function ledger.missing_closes(p_on date, p_after uuid, p_limit int)
  returns table (business_id uuid, last_sealed_on date)
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select h.business_id,
         (select max(l.closed_on) from ledger.day_closes l where l.business_id = h.business_id)
  from (select a.business_id, a.currency, min(a.opened_on) since
        from ledger.accounts a where a.business_id > p_after
        group by a.business_id, a.currency) h
  where h.since <= p_on
    and not exists (
      select from ledger.day_closes d
      where d.business_id = h.business_id and d.currency = h.currency and d.closed_on >= p_on)
  group by h.business_id order by h.business_id limit p_limit
$$;

-- One figure over all sealed rows of a date, for a place outside the ledger (the audit chain).
create function ledger.day_digest(p_on date) returns bytea
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select sha256(coalesce(string_agg(d.hash, ''::bytea order by d.business_id, d.currency), ''))
  from ledger.day_closes d where d.closed_on = p_on
$$;

-- Say that a date is sealed for every firm; refused while one is missing.
create function ledger.mark_sealed(p_on date) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select from ledger.missing_closes(p_on, '00000000-0000-0000-0000-000000000000', 1)) then
    raise exception 'a firm is not sealed' using errcode = 'XW013';
  end if;
  update ledger.closing set sealed_until = p_on where sealed_until < p_on;
end $$;

revoke execute on function ledger.close_dates, ledger.first_unsealed, ledger.seal_day,
  ledger.missing_closes, ledger.day_digest, ledger.mark_sealed from public;
grant execute on function ledger.close_dates, ledger.first_unsealed, ledger.seal_day,
  ledger.day_digest, ledger.mark_sealed to nightly;
grant execute on function ledger.missing_closes to desk;

reset role;

-- migrate:down
-- forward only
