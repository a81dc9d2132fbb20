-- migrate:up
-- The payment lane: many payments inside the bank in one call, each decided in turn over locked
-- rows, all written once. It is the one statement that writes across payments, limits and ledger.

grant select, insert on accounts.payments to ledger_owner;
grant select, update on accounts.person_limits to ledger_owner;
grant select on accounts.deposits, accounts.parties, accounts.second_person_rules,
  accounts.account_directory, accounts.policies, core.clock to ledger_owner;
grant insert on core.outbox, core.audit to ledger_owner;
create policy lane_reads on accounts.payments for select to ledger_owner using (true);
create policy lane_adds on accounts.payments for insert to ledger_owner with check (true);
create policy lane_counts on accounts.person_limits to ledger_owner
  using (true) with check (true);
create policy lane_reads on accounts.deposits for select to ledger_owner using (true);
create policy lane_reads on accounts.parties for select to ledger_owner using (true);
create policy lane_reads on accounts.second_person_rules for select to ledger_owner using (true);
create policy lane_appends on core.audit for insert to ledger_owner with check (true);

-- A deposit is never deleted and both ways read it before they pay; a look-up for each order took
-- more than the order itself (verify: payment_from_no_account).
alter table accounts.payments drop constraint payments_business_id_account_id_fkey;
-- The same rule without a counted repetition, which took longer than the whole insert.
alter table accounts.payments drop constraint payment_key_is_visible;
alter table accounts.payments add constraint payment_key_is_visible
  check (octet_length(key) between 8 and 80 and key !~ '[^!-~]');

grant create on schema accounts to ledger_owner;
set local role ledger_owner;

-- Outcomes: settled and refused are stored; replayed and key_reused found the key used; ordinary
-- stored nothing and says that the payment is not the lane's to decide (a second person, another
-- bank, a name that is not letter by letter the holder's, a first payment without limits, …).
--
-- Items come in order and are decided in order: item k sees what items 1..k-1 did. Three short
-- lists name each payer's account, payee's number and maker once; items point into them (from 1),
-- so that no statement joins two lists. Locks: accounts, then limits, each in one order.
create function accounts.pay_batch(
  p_businesses uuid[], p_persons uuid[], p_ids uuid[], p_keys text[], p_prints bytea[],
  p_accounts uuid[], p_amounts bigint[], p_names text[], p_bank_codes text[], p_tails text[],
  p_sealed bytea[], p_indexes bytea[], p_purposes text[], p_memos text[],
  p_payer_businesses uuid[], p_payer_accounts uuid[], p_payers int[],
  p_numbers text[], p_payees int[],
  p_maker_businesses uuid[], p_maker_persons uuid[], p_makers int[],
  p_reasons jsonb, p_event text
) returns table (outcome text, at timestamptz, error text, facts jsonb, kept jsonb)
  language plpgsql security definer
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan
  set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$
#variable_conflict use_column
declare
  v_items int := cardinality(p_ids);
  v_now timestamptz := clock_timestamp()
    + coalesce((select c.ahead from core.clock c), interval '0');
  v_today date := (v_now at time zone 'Asia/Shanghai')::date;
  v_at timestamptz;
  v_on date;
  v_month date;
  v_bank text;
  v_usual_above bigint;
  -- per payee's number: whose account it is; `canon` is the first number of the same account
  n_business uuid[]; n_account uuid[]; n_name text[]; n_canon int[]; n_place int[];
  -- per locked account: as it was, with what the batch does to it
  a_business uuid[]; a_id uuid[]; a_state text[]; a_usable boolean[]; a_floor bigint[];
  a_balance bigint[]; a_held bigint[]; a_version bigint[]; a_last timestamptz; a_month date[];
  a_in bigint[]; a_out bigint[]; a_count int[]; a_payer int[]; a_number int[];
  g_in bigint[]; g_out bigint[]; g_count int[];
  -- per payer's account: its place among the locked ones, and the state its owner sees
  y_place int[]; y_state text[];
  -- per maker: the place of the limits, and above which amount the firm wants a second person
  l_maker int[]; l_business uuid[]; l_person uuid[]; l_single bigint[]; l_daily bigint[];
  l_used bigint[]; l_counted boolean[]; m_place int[]; m_above bigint[];
  -- per item: what came of it
  r_outcome text[] := array_fill(''::text, array[v_items]);
  r_error text[] := array_fill(null::text, array[v_items]);
  r_facts jsonb[] := array_fill(null::jsonb, array[v_items]);
  r_kept jsonb[] := array_fill(null::jsonb, array[v_items]);
  r_payee_business uuid[] := array_fill(null::uuid, array[v_items]);
  r_payee_account uuid[] := array_fill(null::uuid, array[v_items]);
  r_paid_seq bigint[] := array_fill(null::bigint, array[v_items]);
  r_paid_after bigint[] := array_fill(null::bigint, array[v_items]);
  r_got_seq bigint[] := array_fill(null::bigint, array[v_items]);
  r_got_after bigint[] := array_fill(null::bigint, array[v_items]);
  r_transfer uuid[]; r_paid_entry uuid[]; r_got_entry uuid[]; r_audit uuid[];
  v_stored boolean := false;
  v_settled boolean := false;
  v_kept record;
  v_amount bigint;
  v_short bigint;
  a int; b int; m int;
begin
  if core.business() is not null
     and exists (select from unnest(p_businesses) u(id) where u.id <> core.business()) then
    raise exception 'another firm''s payment' using errcode = 'XW403';
  end if;
  select left(p.value ->> 'bank_code', 3) into v_bank
  from accounts.policies p where p.kind = 'bank.identity' and p.valid @> v_today;
  select (p.value ->> 'in_bank_above_fen')::bigint into v_usual_above
  from accounts.policies p where p.kind = 'payments.second_person' and p.valid @> v_today;

  -- 1. Whose the payees' numbers are, then every account under its lock in one order.
  select array_agg(x.business_id order by x.no), array_agg(x.account_id order by x.no),
         array_agg(x.name order by x.no), array_agg(x.canon order by x.no)
    into n_business, n_account, n_name, n_canon
  from (select n.no, d.business_id, d.account_id, d.name,
               (min(n.no) over (partition by d.business_id, d.account_id))::int canon
        from unnest(p_numbers) with ordinality n(number, no)
        left join accounts.account_directory d on d.number = n.number) x;
  with wanted as (
    select u.business_id, u.id, min(u.payer) payer, min(u.number) number
    from (select y.business_id, y.id, y.no::int payer, null::int number
          from unnest(p_payer_businesses, p_payer_accounts) with ordinality y(business_id, id, no)
          union all
          select n.business_id, n.id, null, n.canon
          from unnest(n_business, n_account, n_canon) n(business_id, id, canon)
          where n.id is not null) u
    group by u.business_id, u.id
  ), locked as (
    select l.*, w.payer, w.number
    from wanted w join ledger.accounts l on l.business_id = w.business_id and l.id = w.id
    order by l.business_id, l.id for no key update of l
  )
  select array_agg(l.business_id), array_agg(l.id), array_agg(l.state),
         array_agg(l.currency = 'CNY' and l.owner = 'firm'), array_agg(l.floor_fen),
         array_agg(l.balance_fen), array_agg(l.held_fen), array_agg(l.version), max(l.last_at),
         array_agg(l.month), array_agg(l.month_in_fen), array_agg(l.month_out_fen),
         array_agg(l.month_count), array_agg(l.payer), array_agg(l.number),
         array_agg(0::bigint), array_agg(0::bigint), array_agg(0)
    into a_business, a_id, a_state, a_usable, a_floor, a_balance, a_held, a_version, a_last,
         a_month, a_in, a_out, a_count, a_payer, a_number, g_in, g_out, g_count
  from locked l;
  y_place := array_fill(0, array[cardinality(p_payer_accounts)]);
  n_place := array_fill(0, array[cardinality(p_numbers)]);
  for k in 1 .. coalesce(cardinality(a_id), 0) loop
    if a_payer[k] is not null then y_place[a_payer[k]] := k; end if;
    if a_number[k] is not null then n_place[a_number[k]] := k; end if;
  end loop;
  v_at := greatest(v_now, a_last);
  v_on := (v_at at time zone 'Asia/Shanghai')::date;
  v_month := date_trunc('month', v_on);

  -- 2. The makers' limits under their locks, after the accounts.
  with wanted as (
    select u.business_id, u.person_id, min(u.no)::int no
    from unnest(p_maker_businesses, p_maker_persons) with ordinality u(business_id, person_id, no)
    group by u.business_id, u.person_id
  ), locked as (
    select l.*, w.no
    from wanted w
    join accounts.person_limits l on l.business_id = w.business_id and l.person_id = w.person_id
    order by l.business_id, l.person_id for no key update of l
  )
  select array_agg(l.no), array_agg(l.business_id), array_agg(l.person_id),
         array_agg(l.single_fen), array_agg(l.daily_fen),
         array_agg(case when l.day = v_today then l.used_fen else 0 end), array_agg(false)
    into l_maker, l_business, l_person, l_single, l_daily, l_used, l_counted
  from locked l;
  m_place := array_fill(0, array[cardinality(p_maker_persons)]);
  for k in 1 .. coalesce(cardinality(l_maker), 0) loop
    m_place[l_maker[k]] := k;
  end loop;

  -- 3. After the locks, in statements of their own: states, rules, used keys.
  select array_agg(d.state order by y.no) into y_state
  from unnest(p_payer_businesses, p_payer_accounts) with ordinality y(business_id, id, no)
  left join accounts.deposits d on d.business_id = y.business_id and d.id = y.id;
  select array_agg(case when r.business_id is null then v_usual_above
                        else r.in_bank_above_fen end order by u.no) into m_above
  from unnest(p_maker_businesses) with ordinality u(business_id, no)
  left join accounts.second_person_rules r on r.business_id = u.business_id;
  for v_kept in
    select i.no, p.fingerprint = i.print as same,
           to_jsonb(p) || '{"fingerprint": "", "payee_sealed": ""}' as stored
    from unnest(p_businesses, p_keys, p_prints) with ordinality i(business_id, key, print, no)
    -- The first key not below: an order that only the index of keys has, so that a plan made
    -- while the table was small never reads all orders of a firm.
    cross join lateral (
      select o.* from accounts.payments o
      where o.business_id = i.business_id and o.key >= i.key
      order by o.business_id, o.key limit 1
    ) p
    where p.key = i.key
  loop
    r_outcome[v_kept.no] := case when v_kept.same then 'replayed' else 'key_reused' end;
    if v_kept.same then r_kept[v_kept.no] := v_kept.stored; end if;
  end loop;

  -- 4. Decide, item by item; the arrays carry what the items before did.
  for i in 1 .. v_items loop
    continue when r_outcome[i] <> '';
    r_outcome[i] := 'ordinary';
    v_amount := p_amounts[i];
    a := y_place[p_payers[i]];
    continue when a = 0 or y_state[p_payers[i]] is null or v_bank <> left(p_bank_codes[i], 3);
    if a_business[a] <> p_businesses[i] or a_id[a] <> p_accounts[i] then
      raise exception 'the payer is not the one named' using errcode = 'XW403';
    end if;
    b := n_place[n_canon[p_payees[i]]];
    if y_state[p_payers[i]] <> 'active' then
      r_error[i] := 'CannotPayOnline';
      r_facts[i] := jsonb_build_object('account_id', a_id[a], 'state', y_state[p_payers[i]]);
    elsif n_account[p_payees[i]] is null then
      r_error[i] := 'PayeeAccountUnknown';
      r_facts[i] := '{}';
    elsif n_name[p_payees[i]] <> p_names[i] then
      continue;
    elsif b = a then
      r_error[i] := 'PayeeIsPayer';
      r_facts[i] := jsonb_build_object('account_id', a_id[a]);
    else
      m := m_place[p_makers[i]];
      continue when b = 0 or m = 0 or not a_usable[a] or not a_usable[b];
      if l_business[m] <> p_businesses[i] or l_person[m] <> p_persons[i] then
        raise exception 'the maker is not the one named' using errcode = 'XW403';
      end if;
      if m_above[p_makers[i]] is not null then
        continue when v_amount > m_above[p_makers[i]];
        perform from accounts.parties p
        where p.business_id = p_businesses[i] and p.account_index = p_indexes[i]
          and p.bank_code = p_bank_codes[i] and p.state = 'active'
          and (p.trusted or p.cooling_until <= v_now);
        continue when not found;
      end if;
      v_short := a_floor[a] + a_held[a] + v_amount - a_balance[a];
      if a_state[a] in ('no_debit', 'blocked', 'closed') then
        r_error[i] := 'AccountRefusesPosting';
        r_facts[i] := jsonb_build_object('account_id', a_id[a], 'state', a_state[a]);
      elsif v_short > 0 then
        r_error[i] := 'InsufficientFunds';
        r_facts[i] := jsonb_build_object('account_id', a_id[a], 'short_fen', v_short);
      elsif a_state[b] in ('no_credit', 'blocked', 'closed') then
        -- Why another's account takes nothing is not told.
        r_error[i] := 'PayeeCannotReceive';
        r_facts[i] := '{}';
      elsif v_amount > l_single[m] then
        r_error[i] := 'SingleLimitExceeded';
        r_facts[i] := jsonb_build_object('limit_fen', l_single[m], 'amount_fen', v_amount);
      elsif v_amount > l_daily[m] - l_used[m] then
        r_error[i] := 'DailyLimitExceeded';
        r_facts[i] := jsonb_build_object(
          'limit_fen', l_daily[m], 'left_fen', greatest(l_daily[m] - l_used[m], 0));
      end if;
    end if;
    v_stored := true;
    if r_error[i] is not null then
      r_outcome[i] := 'refused';
      continue;
    end if;
    r_outcome[i] := 'settled';
    v_settled := true;
    l_used[m] := l_used[m] + v_amount;
    l_counted[m] := true;
    a_balance[a] := a_balance[a] - v_amount;
    g_out[a] := g_out[a] + v_amount;
    g_count[a] := g_count[a] + 1;
    r_paid_seq[i] := a_version[a] + g_count[a];
    r_paid_after[i] := a_balance[a];
    a_balance[b] := a_balance[b] + v_amount;
    g_in[b] := g_in[b] + v_amount;
    g_count[b] := g_count[b] + 1;
    r_got_seq[i] := a_version[b] + g_count[b];
    r_got_after[i] := a_balance[b];
    r_payee_business[i] := a_business[b];
    r_payee_account[i] := a_id[b];
  end loop;

  -- 5. Write each table once.
  if v_stored then
    select array_agg(uuidv7()), array_agg(uuidv7()), array_agg(uuidv7()), array_agg(uuidv7())
      into r_transfer, r_paid_entry, r_got_entry, r_audit
    from generate_series(1, v_items);
    insert into accounts.payments
      (business_id, id, key, fingerprint, made_by, account_id, amount_fen, payee_name,
       payee_sealed, payee_account_tail, payee_bank_code, payee_business_id, payee_account_id,
       rail, purpose, memo, state, answered_state, first_version, version, reason, refusal,
       transfer_id, limit_used_on, created_at, finished_at)
    select i.business, i.id, i.key, i.print, i.person, i.account, i.amount, i.name, i.sealed,
           i.tail, i.bank_code, i.payee_business, i.payee_account,
           case i.outcome when 'settled' then 'in_bank' end, i.purpose, i.memo, i.outcome,
           i.outcome, 2, 2, p_reasons ->> i.error,
           case i.outcome when 'refused'
                then jsonb_build_object('error', i.error, 'facts', i.facts) end,
           case i.outcome when 'settled' then i.transfer end,
           case i.outcome when 'settled' then v_today end, v_now, v_now
    from unnest(p_businesses, p_ids, p_keys, p_prints, p_persons, p_accounts, p_amounts, p_names,
                p_sealed, p_tails, p_bank_codes, r_payee_business, r_payee_account, p_purposes,
                p_memos, r_outcome, r_error, r_facts, r_transfer)
      i(business, id, key, print, person, account, amount, name, sealed, tail, bank_code,
        payee_business, payee_account, purpose, memo, outcome, error, facts, transfer)
    where i.outcome in ('settled', 'refused');
    insert into core.audit (id, business_id, actor, action, object_id, at, body)
    select i.audit, i.business, 'person:' || i.person, 'payment.made', i.id, v_now,
           convert_to(format(
             '{"action":"payment.made","actor":"person:%s","at":"%s","business_id":"%s",'
             '"facts":{"state":"%s"},"id":"%s","object_id":"%s"}',
             i.person, to_char(v_now at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
             i.business, i.outcome, i.audit, i.id), 'UTF8')
    from unnest(p_businesses, p_ids, p_persons, r_outcome, r_audit)
      i(business, id, person, outcome, audit)
    where i.outcome in ('settled', 'refused');
  end if;
  if v_settled then
    insert into ledger.entries (business_id, booked_on, id, transfer_id, kind, business_key,
                                currency, clearing_fen, legs, memo, value_on, at)
    select e.business, v_on, e.id, case when e.legs = 1 then i.transfer end, 'payment', i.id::text,
           'CNY', e.clearing, e.legs, i.memo, v_on, v_at
    from unnest(p_businesses, p_ids, p_amounts, p_memos, r_payee_business, r_paid_entry,
                r_got_entry, r_transfer)
      i(business, id, amount, memo, payee, paid_entry, got_entry, transfer)
    cross join lateral (
      select i.business, i.paid_entry,
             case when i.payee = i.business then 0 else i.amount end,
             case when i.payee = i.business then 2 else 1 end
      union all
      select i.payee, i.got_entry, -i.amount, 1 where i.payee <> i.business
    ) e(business, id, clearing, legs)
    where i.payee is not null;
    insert into ledger.entry_keys (business_id, kind, business_key, entry_id, booked_on)
    select e.business, 'payment', i.id::text, e.id, v_on
    from unnest(p_businesses, p_ids, r_payee_business, r_paid_entry, r_got_entry)
      i(business, id, payee, paid_entry, got_entry)
    cross join lateral (
      select i.business, i.paid_entry
      union all
      select i.payee, i.got_entry where i.payee <> i.business
    ) e(business, id)
    where i.payee is not null;
    insert into ledger.postings (business_id, account_id, booked_on, seq, entry_id, leg,
                                 amount_fen, currency, balance_after_fen, owner, at)
    select l.business, l.account, v_on, l.seq, l.entry, l.leg, l.amount, 'CNY', l.after, 'firm',
           v_at
    from unnest(p_businesses, p_accounts, p_amounts, r_payee_business, r_payee_account,
                r_paid_seq, r_paid_after, r_got_seq, r_got_after, r_paid_entry, r_got_entry)
      i(business, account, amount, payee, payee_account, paid_seq, paid_after, got_seq, got_after,
        paid_entry, got_entry)
    cross join lateral (values
      (i.business, i.account, i.paid_seq, i.paid_entry, 1, -i.amount, i.paid_after),
      (i.payee, i.payee_account, i.got_seq,
       case when i.payee = i.business then i.paid_entry else i.got_entry end, 2, i.amount,
       i.got_after)
    ) l(business, account, seq, entry, leg, amount, after)
    where i.payee is not null;
    insert into ledger.rollups (business_id, account_id, month, in_fen, out_fen, postings)
    select u.business, u.id, u.month, u.came, u.went, u.n
    from unnest(a_business, a_id, a_month, a_in, a_out, a_count, g_count)
      u(business, id, month, came, went, n, moved)
    where u.moved > 0 and u.month < v_month and u.n > 0;
    update ledger.accounts l set
      balance_fen = u.balance,
      version = l.version + u.n,
      last_at = v_at,
      month = v_month,
      month_in_fen = case when l.month = v_month then l.month_in_fen else 0 end + u.came,
      month_out_fen = case when l.month = v_month then l.month_out_fen else 0 end + u.went,
      month_count = case when l.month = v_month then l.month_count else 0 end + u.n
    from unnest(a_business, a_id, a_balance, g_in, g_out, g_count)
      u(business, id, balance, came, went, n)
    where u.n > 0 and l.business_id = u.business and l.id = u.id;
    update accounts.person_limits l set day = v_today, used_fen = u.used
    from unnest(l_business, l_person, l_used, l_counted) u(business, person, used, counted)
    where u.counted and l.business_id = u.business and l.person_id = u.person;
    insert into core.outbox (id, name, business_id, actor, payload, at)
    select uuidv7(), p_event, i.business, 'person:' || i.person,
           jsonb_build_object('payment_id', i.id, 'kind', i.purpose, 'amount_fen', i.amount,
                              'rail', 'in_bank'), v_now
    from unnest(p_businesses, p_persons, p_ids, p_purposes, p_amounts, r_outcome)
      i(business, person, id, purpose, amount, outcome)
    where i.outcome = 'settled';
  end if;
  return query
    select u.outcome, v_now, u.error, u.facts, u.kept
    from unnest(r_outcome, r_error, r_facts, r_kept) u(outcome, error, facts, kept);
end $$;
revoke execute on function accounts.pay_batch from public;
grant execute on function accounts.pay_batch to lane;

reset role;
revoke create on schema accounts from ledger_owner;

-- migrate:down
-- forward only
