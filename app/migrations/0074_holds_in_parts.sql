-- migrate:up
-- Holds are captured in parts, expired ones not at all; an account that pays named payees only.

set local role ledger_owner;

-- What a hold was placed for is always amount_fen + taken_fen: what is held still (or was, at its
-- end), and what was taken of it in parts before.
alter table ledger.holds add column taken_fen bigint not null default 0;
alter table ledger.holds add constraint parts_taken_are_not_negative check (taken_fen >= 0);

-- Whatever kinds of account there are, and escrow: the firm sees it, only orders debit it.
do $$
declare v_kinds text;
begin
  select pg_get_expr(conbin, conrelid) into strict v_kinds from pg_constraint
  where conrelid = 'ledger.accounts'::regclass and conname = 'owner_fits_kind';
  alter table ledger.accounts drop constraint owner_fits_kind;
  execute format('alter table ledger.accounts add constraint owner_fits_kind'
                 ' check ((%s) or (owner = ''firm'' and kind = ''escrow''))', v_kinds);
end $$;
alter table ledger.accounts add constraint escrow_is_never_overdrawn
  check (kind <> 'escrow' or floor_fen >= 0);

create function ledger.open_escrow(p_business uuid, p_id uuid, p_at timestamptz) returns uuid
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_on date := (p_at at time zone 'Asia/Shanghai')::date;
begin
  perform ledger.require_tenant(p_business);
  insert into ledger.accounts
    (business_id, id, kind, owner, currency, floor_fen, last_at, opened_on, month)
  values (p_business, p_id, 'escrow', 'firm', 'CNY', 0, p_at, v_on, date_trunc('month', v_on));
  return p_id;
end $$;
revoke execute on function ledger.open_escrow from public;
grant execute on function ledger.open_escrow to app, worker;

-- As before, and: `capture_part` takes a part of a hold and leaves the rest open; a hold past its
-- term captures nothing; an escrow account is debited by payment orders only.
create or replace function ledger.post(
  p_at timestamptz,
  p_ids uuid[], p_businesses uuid[], p_transfers uuid[], p_kinds text[], p_keys text[],
  p_currencies text[], p_clearings bigint[], p_memos text[], p_value_ons date[],
  p_leg_entry int[], p_leg_account uuid[], p_leg_amount bigint[],
  p_hold_actions text[], p_hold_ids uuid[], p_hold_accounts uuid[], p_hold_amounts bigint[],
  p_hold_expires timestamptz[], p_hold_purposes text[],
  out refusal text, out refused_id uuid, out short_fen bigint, out refused_state text,
  out at timestamptz, out booked_on date
) language plpgsql security definer
  set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
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

  if exists (select from unnest(p_hold_ids) h(id) group by h.id having count(*) > 1)
     or exists (select from unnest(p_hold_actions, p_hold_amounts) h(action, amount)
                where h.action in ('place', 'capture_part') and h.amount <= 0) then
    raise exception 'a hold is changed once a call, by an amount' using errcode = 'XW010';
  end if;

  -- 2. Lock every account in one order.
  perform from ledger.accounts a
  where (a.business_id, a.id) in (
    select p_businesses[l.entry], l.account
    from unnest(p_leg_entry, p_leg_account) l(entry, account)
    union all
    select v_session, h from unnest(p_hold_accounts) h)
  order by a.business_id, a.id for no key update;

  -- 3. Used keys, closed and expired holds, parts larger than what is left: after the locks.
  select 'already_posted', k.entry_id into refusal, refused_id
  from unnest(p_businesses, p_kinds, p_keys) e(business, kind, key)
  join ledger.entry_keys k
    on k.business_id = e.business and k.kind = e.kind and k.business_key = e.key limit 1;
  if refusal is not null then return; end if;
  select case when h.action = 'capture_part' and o.state = 'open'
                   and coalesce(o.expires_at > p_at, true)
              then 'hold_too_small' else 'hold_not_open' end,
         h.id, h.amount - o.amount_fen
    into refusal, refused_id, short_fen
  from unnest(p_hold_actions, p_hold_ids, p_hold_accounts, p_hold_amounts)
    h(action, id, account, amount)
  left join ledger.holds o
    on o.business_id = v_session and o.id = h.id and o.account_id = h.account
  where (h.action = 'place') = (o.state is not null)
     or (h.action <> 'place' and o.state <> 'open')
     or (h.action in ('capture', 'capture_part') and o.expires_at <= p_at)
     or (h.action = 'capture_part' and h.amount > o.amount_fen) limit 1;
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
           max(p_currencies[l.entry]) currency, 0::numeric held, false placed,
           bool_or(l.amount < 0 and p_kinds[l.entry] <> 'payment') otherwise
    from unnest(p_leg_entry, p_leg_account, p_leg_amount) l(entry, account, amount)
    group by 1, 2
    union all
    select v_session, h.account, 0, false, false, null,
           sum(case h.action when 'place' then h.amount when 'capture_part' then -h.amount
                             else -o.amount_fen end),
           bool_or(h.action = 'place'), false
    from unnest(p_hold_actions, p_hold_ids, p_hold_accounts, p_hold_amounts)
      h(action, id, account, amount)
    left join ledger.holds o on o.business_id = v_session and o.id = h.id
    group by h.account
  ), total as (
    select business_id, id, sum(delta) delta, sum(held) held, bool_or(debited) debited,
           bool_or(credited) credited, bool_or(placed) placed, max(currency) currency,
           bool_or(otherwise) otherwise
    from moved group by business_id, id
  )
  select case
           when a.id is null or a.currency <> t.currency or (a.kind = 'escrow' and t.otherwise)
             then 'unknown_account'
           when ((t.debited or t.placed) and a.state in ('no_debit', 'blocked', 'closed'))
             or (t.credited and a.state in ('no_credit', 'blocked', 'closed')) then 'state'
           else 'insufficient' end,
         t.id, a.floor_fen - (a.balance_fen + t.delta - a.held_fen - t.held), a.state
    into refusal, refused_id, short_fen, refused_state
  from total t left join ledger.accounts a on a.business_id = t.business_id and a.id = t.id
  where a.id is null or a.currency <> t.currency or (a.kind = 'escrow' and t.otherwise)
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
  from unnest(p_leg_entry, p_leg_account, p_leg_amount) with ordinality
    l(entry, account, amount, no)
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
           case h.action when 'place' then h.amount when 'capture_part' then -h.amount
                         else -o.amount_fen end
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
    state = case h.action when 'release' then 'released' when 'capture' then 'captured'
            else case when h.amount = o.amount_fen then 'captured' else 'open' end end,
    closed_at = case when h.action <> 'capture_part' or h.amount = o.amount_fen then at end,
    amount_fen = case when h.action = 'capture_part' and h.amount < o.amount_fen
                      then o.amount_fen - h.amount else o.amount_fen end,
    taken_fen = case when h.action = 'capture_part' and h.amount < o.amount_fen
                     then o.taken_fen + h.amount else o.taken_fen end
  from unnest(p_hold_actions, p_hold_ids, p_hold_amounts) h(action, id, amount)
  where o.business_id = v_session and o.id = h.id and h.action <> 'place';
  insert into ledger.holds (business_id, id, account_id, amount_fen, purpose, placed_at, expires_at)
  select v_session, h.id, h.account, h.amount, h.purpose, at, h.expires
  from unnest(p_hold_actions, p_hold_ids, p_hold_accounts, p_hold_amounts, p_hold_expires,
              p_hold_purposes) h(action, id, account, amount, expires, purpose)
  where h.action = 'place';
end $$;

reset role;

-- migrate:down
-- forward only
