-- migrate:up
-- The one door into the ledger.

set local role ledger_owner;

create function ledger.require_tenant(p_business uuid) returns void language plpgsql stable as $$
begin
  if p_business is distinct from core.business() then
    raise exception 'another firm''s ledger' using errcode = 'XW403';
  end if;
end $$;

create function ledger.open_account(
  p_business uuid, p_id uuid, p_currency text, p_floor_fen bigint, p_at timestamptz
) returns uuid
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_on date := (p_at at time zone 'Asia/Shanghai')::date;
begin
  perform ledger.require_tenant(p_business);
  insert into ledger.accounts
    (business_id, id, kind, owner, currency, floor_fen, last_at, opened_on, month)
  values (p_business, p_id, 'deposit', 'firm', p_currency, p_floor_fen, p_at, v_on,
          date_trunc('month', v_on));
  return p_id;
end $$;

-- The bank's side of a firm, made when it is first needed.
create function ledger.bank_side(p_business uuid, p_kind text, p_currency text, p_at timestamptz)
  returns uuid
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_id uuid;
  v_on date := (p_at at time zone 'Asia/Shanghai')::date;
begin
  perform ledger.require_tenant(p_business);
  loop
    select a.id into v_id from ledger.accounts a
    where a.business_id = p_business and a.kind = p_kind and a.currency = p_currency
      and a.owner = 'bank';
    exit when v_id is not null;
    insert into ledger.accounts
      (business_id, id, kind, owner, currency, floor_fen, last_at, opened_on, month)
    values (p_business, uuidv7(), p_kind, 'bank', p_currency, null, p_at, v_on,
            date_trunc('month', v_on))
    on conflict do nothing;
  end loop;
  return v_id;
end $$;

create function ledger.set_state(p_business uuid, p_account uuid, p_state text) returns text
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare v_was text;
begin
  perform ledger.require_tenant(p_business);
  update ledger.accounts set state = p_state
  where business_id = p_business and id = p_account returning old.state into v_was;
  return v_was;
end $$;

-- Many entries and hold changes, all or nothing, in one round trip.
--
-- Refusals of business (short of money, state, key used, hold closed) come back as a row and
-- write nothing, so the caller's transaction goes on. Misuse raises.
-- Arrays of one length describe entries; p_leg_entry says which entry (from 1) a leg belongs to.
create function ledger.post(
  p_at timestamptz,
  p_ids uuid[], p_businesses uuid[], p_transfers uuid[], p_kinds text[], p_keys text[],
  p_currencies text[], p_clearings bigint[], p_memos text[], p_value_ons date[],
  p_leg_entry int[], p_leg_account uuid[], p_leg_amount bigint[],
  p_hold_actions text[], p_hold_ids uuid[], p_hold_accounts uuid[], p_hold_amounts bigint[],
  p_hold_expires timestamptz[], p_hold_purposes text[],
  out refusal text, out refused_id uuid, out short_fen bigint, out refused_state text,
  out at timestamptz, out booked_on date
) language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  v_session uuid := core.business();
  v_month date;
begin
  -- 1. Whose ledger: the session's firm; another firm may only be credited by a transfer of ours.
  if v_session is null and session_user <> 'nightly' then
    raise exception 'no firm is acted for' using errcode = 'XW403';
  end if;
  if v_session is not null and exists (
      select from unnest(p_leg_entry, p_leg_amount) l(entry, amount)
      where p_businesses[l.entry] <> v_session
        and (l.amount <= 0 or not exists (
          select from unnest(p_businesses, p_transfers) o(business, transfer)
          where o.business = v_session and o.transfer = p_transfers[l.entry]))) then
    raise exception 'another firm''s ledger' using errcode = 'XW403';
  end if;
  if exists (select from unnest(p_transfers, p_clearings, p_currencies) t(id, clearing, currency)
             where t.id is not null group by t.id, t.currency having sum(t.clearing) <> 0) then
    raise exception 'the two sides of a transfer differ' using errcode = 'XW010';
  end if;

  -- 2. Lock every account in one order.
  perform from ledger.accounts a
  where (a.business_id, a.id) in (
    select p_businesses[l.entry], l.account
    from unnest(p_leg_entry, p_leg_account) l(entry, account)
    union all
    select v_session, h from unnest(p_hold_accounts) h)
  order by a.business_id, a.id for no key update;

  -- 3. Used keys and closed holds, seen after the locks.
  select 'already_posted', k.entry_id into refusal, refused_id
  from unnest(p_businesses, p_kinds, p_keys) e(business, kind, key)
  join ledger.entry_keys k
    on k.business_id = e.business and k.kind = e.kind and k.business_key = e.key limit 1;
  if refusal is not null then return; end if;
  select 'hold_not_open', h.id into refusal, refused_id
  from unnest(p_hold_actions, p_hold_ids, p_hold_accounts) h(action, id, account)
  left join ledger.holds o
    on o.business_id = v_session and o.id = h.id and o.account_id = h.account
  where (h.action = 'place') = (o.state is not null)
     or (h.action <> 'place' and o.state <> 'open') limit 1;
  if refusal is not null then return; end if;

  -- 4. Decide over what the accounts will be.
  select greatest(p_at, max(a.last_at)) into at
  from unnest(p_leg_entry, p_leg_account) l(entry, account)
  join ledger.accounts a on a.business_id = p_businesses[l.entry] and a.id = l.account;
  at := coalesce(at, p_at);
  booked_on := (at at time zone 'Asia/Shanghai')::date;
  v_month := date_trunc('month', booked_on);

  with moved as (
    select p_businesses[l.entry] business_id, l.account id, sum(l.amount) delta,
           bool_or(l.amount < 0) debited, bool_or(l.amount > 0) credited,
           max(p_currencies[l.entry]) currency, 0::numeric held, false placed
    from unnest(p_leg_entry, p_leg_account, p_leg_amount) l(entry, account, amount)
    group by 1, 2
    union all
    select v_session, h.account, 0, false, false, null,
           sum(case when h.action = 'place' then h.amount else -o.amount_fen end),
           bool_or(h.action = 'place')
    from unnest(p_hold_actions, p_hold_ids, p_hold_accounts, p_hold_amounts)
      h(action, id, account, amount)
    left join ledger.holds o on o.business_id = v_session and o.id = h.id
    group by h.account
  ), total as (
    select business_id, id, sum(delta) delta, sum(held) held, bool_or(debited) debited,
           bool_or(credited) credited, bool_or(placed) placed, max(currency) currency
    from moved group by business_id, id
  )
  select case
           when a.id is null or a.currency <> t.currency then 'unknown_account'
           when ((t.debited or t.placed) and a.state in ('no_debit', 'blocked', 'closed'))
             or (t.credited and a.state in ('no_credit', 'blocked', 'closed')) then 'state'
           else 'insufficient' end,
         t.id, a.floor_fen - (a.balance_fen + t.delta - a.held_fen - t.held), a.state
    into refusal, refused_id, short_fen, refused_state
  from total t left join ledger.accounts a on a.business_id = t.business_id and a.id = t.id
  where a.id is null or a.currency <> t.currency
     or ((t.debited or t.placed) and a.state in ('no_debit', 'blocked', 'closed'))
     or (t.credited and a.state in ('no_credit', 'blocked', 'closed'))
     or ((t.debited or t.placed) and a.floor_fen is not null
         and a.balance_fen + t.delta - a.held_fen - t.held < a.floor_fen)
  order by (a.id is null) desc limit 1;
  if refusal is not null then return; end if;

  -- 5. Write: keys, entries, postings (from the balances as they were), holds, accounts.
  insert into ledger.entry_keys (business_id, kind, business_key, entry_id, booked_on)
  select e.business, e.kind, e.key, e.id, booked_on
  from unnest(p_businesses, p_kinds, p_keys, p_ids) e(business, kind, key, id);

  insert into ledger.entries (business_id, booked_on, id, transfer_id, kind, business_key,
                              currency, clearing_fen, legs, memo, value_on, at)
  select e.business, booked_on, e.id, e.transfer, e.kind, e.key, e.currency, e.clearing,
         c.legs, e.memo, coalesce(e.value_on, booked_on), at
  from unnest(p_businesses, p_ids, p_transfers, p_kinds, p_keys, p_currencies, p_clearings,
              p_memos, p_value_ons) with ordinality
    e(business, id, transfer, kind, key, currency, clearing, memo, value_on, no)
  left join (select entry, count(*)::int legs from unnest(p_leg_entry) l(entry) group by entry) c
    on c.entry = e.no;

  insert into ledger.postings (business_id, account_id, booked_on, seq, entry_id, leg, amount_fen,
                               currency, balance_after_fen, owner, at)
  select p_businesses[l.entry], l.account, booked_on,
         a.version + row_number() over one, p_ids[l.entry], l.no, l.amount, a.currency,
         a.balance_fen + sum(l.amount) over one, a.owner, at
  from unnest(p_leg_entry, p_leg_account, p_leg_amount) with ordinality l(entry, account, amount, no)
  join ledger.accounts a on a.business_id = p_businesses[l.entry] and a.id = l.account
  window one as (partition by a.business_id, a.id order by l.no rows unbounded preceding);

  insert into ledger.rollups (business_id, account_id, month, in_fen, out_fen, postings)
  select a.business_id, a.id, a.month, a.month_in_fen, a.month_out_fen, a.month_count
  from ledger.accounts a
  where (a.business_id, a.id) in (
      select p_businesses[l.entry], l.account
      from unnest(p_leg_entry, p_leg_account) l(entry, account))
    and a.month < v_month and a.month_count > 0;

  with moved as (
    select p_businesses[l.entry] business_id, l.account id, sum(l.amount) delta,
           sum(greatest(l.amount, 0)) came, sum(greatest(-l.amount, 0)) went, count(*) n,
           0::numeric held
    from unnest(p_leg_entry, p_leg_account, p_leg_amount) l(entry, account, amount)
    group by 1, 2
    union all
    select v_session, h.account, 0, 0, 0, 0,
           case when h.action = 'place' then h.amount else -o.amount_fen end
    from unnest(p_hold_actions, p_hold_ids, p_hold_accounts, p_hold_amounts)
      h(action, id, account, amount)
    left join ledger.holds o on o.business_id = v_session and o.id = h.id
  ), total as (
    select business_id, id, sum(delta) delta, sum(came) came, sum(went) went, sum(n) n,
           sum(held) held
    from moved group by business_id, id
  )
  update ledger.accounts a set
    balance_fen = a.balance_fen + t.delta,
    held_fen = a.held_fen + t.held,
    version = a.version + t.n,
    last_at = case when t.n > 0 then at else a.last_at end,
    month = case when t.n > 0 then v_month else a.month end,
    month_in_fen = case when t.n = 0 or a.month = v_month then a.month_in_fen else 0 end + t.came,
    month_out_fen = case when t.n = 0 or a.month = v_month then a.month_out_fen else 0 end + t.went,
    month_count = case when t.n = 0 or a.month = v_month then a.month_count else 0 end + t.n
  from total t where a.business_id = t.business_id and a.id = t.id;

  update ledger.holds o set
    state = case h.action when 'capture' then 'captured' else 'released' end, closed_at = at
  from unnest(p_hold_actions, p_hold_ids) h(action, id)
  where o.business_id = v_session and o.id = h.id and h.action in ('release', 'capture');
  insert into ledger.holds (business_id, id, account_id, amount_fen, purpose, placed_at, expires_at)
  select v_session, h.id, h.account, h.amount, h.purpose, at, h.expires
  from unnest(p_hold_actions, p_hold_ids, p_hold_accounts, p_hold_amounts, p_hold_expires,
              p_hold_purposes) h(action, id, account, amount, expires, purpose)
  where h.action = 'place';
end $$;

revoke execute on all functions in schema ledger from public;
grant execute on function ledger.require_tenant to app, worker, desk;
grant execute on function ledger.open_account, ledger.bank_side to app, worker, desk;
grant execute on function ledger.set_state to worker, desk;
grant execute on function ledger.post to app, worker, nightly;
grant execute on function ledger.make_months to app, worker, nightly, owner;

reset role;

-- migrate:down
-- forward only
