-- migrate:up
-- Monitors in the payment path: rules as data with versions, what they read, and what they found.

insert into accounts.policies (kind, valid, value, source) values
  ('monitors.terms', '[2018-01-01,)',
   '{"examined_from_fen": 1000000, "hold_at": 60, "refuse_at": 200,
     "four_eyes_above_fen": 20000000, "review_minutes": 120}',
   'bank policy: payments from 10,000 yuan are examined; two people decide above 200,000 yuan');

-- One version of a rule; it never changes but for its state. Bank-wide, read by every door.
create table accounts.monitor_rules (
  id uuid primary key,
  code text not null,
  version int not null,
  family text not null,
  conditions jsonb not null,
  score int not null,
  staff_zh text not null,
  staff_en text not null,
  owner_zh text not null,
  owner_en text not null,
  state text not null default 'draft',
  made_by text not null,
  made_at timestamptz not null,
  proposed_by text,
  approved_by text,
  replay_id uuid,
  live_at timestamptz,
  ended_at timestamptz,
  ended_because text,
  constraint a_rule_has_each_version_once unique (code, version),
  constraint rule_family_is_known check (family in ('theft', 'fake_trade', 'blacklist')),
  constraint rule_state_is_known check (state in ('draft', 'shadow', 'live', 'retired')),
  constraint rule_score_is_positive check (score between 1 and 1000),
  constraint rule_has_conditions check (jsonb_array_length(conditions) between 1 and 10),
  constraint live_rule_was_replayed_and_agreed_by_another check (
    live_at is null or (replay_id is not null and proposed_by is not null
                        and approved_by is not null and approved_by <> proposed_by)),
  constraint live_rule_has_its_moment check (state <> 'live' or live_at is not null),
  constraint retired_rule_says_why check ((state = 'retired') = (ended_at is not null)
                                          and (ended_at is null) = (ended_because is null))
);
create unique index one_live_version_of_a_rule on accounts.monitor_rules (code)
  where state = 'live';
create unique index one_shadow_version_of_a_rule on accounts.monitor_rules (code)
  where state = 'shadow';
select core.reference_table('accounts.monitor_rules');
grant insert, update on accounts.monitor_rules to desk;

-- What a rule says is fixed with its version; only where it stands moves, and only forward.
create function accounts.guard_rule() returns trigger language plpgsql as $$
begin
  if (new.id, new.code, new.version, new.family, new.conditions, new.score, new.staff_zh,
      new.staff_en, new.owner_zh, new.owner_en, new.made_by)
     is distinct from
     (old.id, old.code, old.version, old.family, old.conditions, old.score, old.staff_zh,
      old.staff_en, old.owner_zh, old.owner_en, old.made_by)
     or array_position(array['draft', 'shadow', 'live', 'retired'], new.state)
        < array_position(array['draft', 'shadow', 'live', 'retired'], old.state) then
    raise exception 'a version of a rule does not change' using errcode = 'XW002';
  end if;
  return new;
end $$;
create trigger a_version_stays_as_it_is before update on accounts.monitor_rules
  for each row execute function accounts.guard_rule();
create trigger rules_are_kept before delete on accounts.monitor_rules
  for each row execute function core.refuse_change();

-- What stood out about a payment: every rule that fired, live or in shadow, and what it read.
-- The firm's own door only adds: what a monitor saw is nothing that it shows.
create table accounts.monitor_verdicts (
  business_id uuid not null,
  payment_id uuid not null,
  at timestamptz not null,
  amount_fen bigint not null,
  action text not null,
  score int not null,
  shadow_action text not null,
  shadow_score int not null,
  fired jsonb not null,
  features jsonb not null,
  primary key (business_id, payment_id),
  constraint verdict_is_known
    check (action in ('pass', 'hold', 'refuse') and shadow_action in ('pass', 'hold', 'refuse')),
  constraint verdict_names_its_rules check (jsonb_array_length(fired) > 0)
);
create index verdicts_by_moment on accounts.monitor_verdicts (at);
select core.tenant_table('accounts.monitor_verdicts');
select core.desk_reads('accounts.monitor_verdicts');
revoke select, update on accounts.monitor_verdicts from app;
revoke update on accounts.monitor_verdicts from worker;
create trigger verdicts_are_append_only before update or delete on accounts.monitor_verdicts
  for each row execute function core.refuse_change();

-- What a payment that a rule stopped turned out to be: the rule's figures are counted from these.
create table accounts.monitor_outcomes (
  rule_id uuid not null,
  payment_id uuid not null,
  outcome text not null,
  said_by text not null,
  at timestamptz not null,
  primary key (rule_id, payment_id),
  constraint outcome_is_known check (outcome in ('good', 'bad')),
  constraint outcome_is_somebodys_word check (said_by in ('desk', 'owner'))
);
select core.directory_table('accounts.monitor_outcomes');
revoke select, update on accounts.monitor_outcomes from app, portal;
revoke insert on accounts.monitor_outcomes from portal;
revoke update on accounts.monitor_outcomes from worker, desk;

-- A version of a rule run over past payments; moves on in slices by the last payment looked at.
create table accounts.rule_replays (
  id uuid primary key,
  rule_id uuid not null,
  from_at timestamptz not null,
  until_at timestamptz not null,
  asked_by text not null,
  asked_at timestamptz not null,
  state text not null default 'running',
  after_business uuid not null default '00000000-0000-0000-0000-000000000000',
  after_payment uuid not null default '00000000-0000-0000-0000-000000000000',
  payments int not null default 0,
  looked_at int not null default 0,
  fired int not null default 0,
  would_hold int not null default 0,
  would_refuse int not null default 0,
  newly_stopped int not null default 0,
  good_stopped int not null default 0,
  bad_stopped int not null default 0,
  bad_missed int not null default 0,
  examples jsonb not null default '[]',
  finished_at timestamptz,
  constraint replay_of_a_rule foreign key (rule_id) references accounts.monitor_rules (id),
  constraint replay_state_is_known check (state in ('running', 'done')),
  constraint replay_spans_some_time check (from_at < until_at),
  constraint finished_replay_has_its_moment check ((state = 'done') = (finished_at is not null))
);
create index replays_of_a_rule on accounts.rule_replays (rule_id, asked_at desc);
select core.directory_table('accounts.rule_replays');
revoke all on accounts.rule_replays from app, portal;
revoke update on accounts.rule_replays from desk;

-- Closed days of a firm's payments, so that a habit of ninety days is ninety rows to read.
create table accounts.payment_days (
  business_id uuid not null,
  day date not null,
  payments int not null,
  at_night int not null,
  sum_fen numeric(20) not null,
  max_fen bigint not null,
  primary key (business_id, day)
);
select core.tenant_table('accounts.payment_days');
create table accounts.payee_days (
  business_id uuid not null,
  payee_bank_code text not null,
  payee_account_tail text not null,
  payee_name text not null,
  day date not null,
  payments int not null,
  sum_fen numeric(20) not null,
  primary key (business_id, payee_bank_code, payee_account_tail, payee_name, day)
);
select core.tenant_table('accounts.payee_days');
revoke insert, update on accounts.payment_days, accounts.payee_days from app, worker;

create table accounts.rolled_until (
  one boolean primary key default true,
  day date not null,
  constraint there_is_one_mark check (one)
);
select core.local_table('accounts.rolled_until');
revoke all on accounts.rolled_until from app, worker;

-- Business days before p_on that are past for good, counted once; how many days were counted.
create function accounts.roll_up_payments(p_on date) returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_from date;
  v_until date := p_on - 1;
begin
  perform pg_advisory_xact_lock(7301089);
  select day into v_from from accounts.rolled_until;
  v_from := coalesce(v_from, v_until - 100);
  if v_from >= v_until then return 0; end if;
  with counted as (
    select p.business_id, (p.created_at at time zone 'Asia/Shanghai')::date as day,
           p.payee_bank_code, p.payee_account_tail, p.payee_name, p.amount_fen,
           extract(hour from p.created_at at time zone 'Asia/Shanghai') < 6 as at_night
    from identity.business_directory b
    join accounts.payments p on p.business_id = b.business_id
     and p.created_at >= v_from::timestamp at time zone 'Asia/Shanghai'
     and p.created_at < v_until::timestamp at time zone 'Asia/Shanghai'
    where p.state not in ('refused', 'rejected', 'cancelled')
  ), days as (
    insert into accounts.payment_days (business_id, day, payments, at_night, sum_fen, max_fen)
    select c.business_id, c.day, count(*), count(*) filter (where c.at_night), sum(c.amount_fen),
           max(c.amount_fen)
    from counted c group by c.business_id, c.day
    on conflict (business_id, day) do nothing
  )
  insert into accounts.payee_days
    (business_id, payee_bank_code, payee_account_tail, payee_name, day, payments, sum_fen)
  select c.business_id, c.payee_bank_code, c.payee_account_tail, c.payee_name, c.day, count(*),
         sum(c.amount_fen)
  from counted c
  group by c.business_id, c.payee_bank_code, c.payee_account_tail, c.payee_name, c.day
  on conflict (business_id, payee_bank_code, payee_account_tail, payee_name, day) do nothing;
  insert into accounts.rolled_until (one, day) values (true, v_until)
  on conflict (one) do update set day = excluded.day;
  return v_until - v_from;
end $$;

-- Everything a rule may read about one payment, as it was when the payment was made: the same for
-- the payment path and for a replay. Whole numbers only; what cannot be known is 0 or very large.
create function accounts.payment_features(p_business uuid, p_payment uuid) returns jsonb
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  p accounts.payments;
  v_day date;
  v_since timestamptz;
  v_rolled date;
  v_ahead interval;
  v_past record;
  v_near record;
  v_payee int;
  v_in record;
  v_device interval;
  v_phone interval;
  v_left bigint;
begin
  if session_user <> 'nightly' and p_business is distinct from core.business() then
    raise exception 'another firm''s payment' using errcode = 'XW403';
  end if;
  select * into p from accounts.payments o where o.business_id = p_business and o.id = p_payment;
  if not found then return null; end if;
  v_day := (p.created_at at time zone 'Asia/Shanghai')::date;
  select max(d.day) into v_rolled from accounts.payment_days d
  where d.business_id = p_business and d.day < v_day;
  v_since := greatest(coalesce(v_rolled + 1, v_day - 90), v_day - 90)::timestamp
             at time zone 'Asia/Shanghai';
  -- Sign-ins and phones keep real time.
  select coalesce(c.ahead, interval '0') into v_ahead from core.clock c;

  select coalesce(sum(d.payments), 0) as payments, coalesce(sum(d.at_night), 0) as at_night,
         coalesce(max(d.max_fen), 0) as max_fen into v_past
  from accounts.payment_days d
  where d.business_id = p_business and d.day >= v_day - 90 and d.day < v_day;
  select count(*) as payments, coalesce(max(o.amount_fen), 0) as max_fen,
         count(*) filter (
           where extract(hour from o.created_at at time zone 'Asia/Shanghai') < 6) as at_night,
         count(*) filter (where o.created_at > p.created_at - interval '1 hour') as last_hour,
         count(distinct (o.payee_bank_code, o.payee_account_tail, o.payee_name)) filter (
           where o.created_at > p.created_at - interval '1 hour'
             and (o.payee_bank_code, o.payee_account_tail, o.payee_name)
                 <> (p.payee_bank_code, p.payee_account_tail, p.payee_name)) as payees_last_hour,
         count(*) filter (
           where (o.payee_bank_code, o.payee_account_tail, o.payee_name)
                 = (p.payee_bank_code, p.payee_account_tail, p.payee_name)) as to_payee,
         coalesce(sum(o.amount_fen) filter (
           where o.created_at > p.created_at - interval '24 hours'), 0) as out_24h_fen into v_near
  from accounts.payments o
  where o.business_id = p_business and o.created_at >= least(v_since, p.created_at - interval '1 day')
    and o.created_at <= p.created_at and o.id <> p.id
    and o.state not in ('refused', 'rejected', 'cancelled');
  select coalesce(sum(d.payments), 0) into v_payee from accounts.payee_days d
  where d.business_id = p_business and d.payee_bank_code = p.payee_bank_code
    and d.payee_account_tail = p.payee_account_tail and d.payee_name = p.payee_name
    and d.day < v_day;
  select coalesce(sum(c.amount_fen) filter (
           where c.received_at > p.created_at - interval '24 hours'), 0) as in_24h_fen,
         coalesce(sum(c.amount_fen) filter (
           where c.payer_account_tail = p.payee_account_tail
             and left(c.payer_bank_code, 3) = left(p.payee_bank_code, 3)), 0) as from_payee_fen
    into v_in
  from accounts.incoming_credits c
  where c.business_id = p_business and c.received_at > p.created_at - interval '7 days'
    and c.received_at <= p.created_at;
  select p.created_at - v_ahead - (
           select min(f.started_at) from identity.sessions f
           where f.person_id = p.made_by and f.door = 'person' and f.device = s.device)
    into v_device
  from identity.sessions s
  where s.person_id = p.made_by and s.door = 'person' and s.started_at <= p.created_at - v_ahead
  order by s.started_at desc, s.id desc limit 1;
  select p.created_at - v_ahead - b.bound_at into v_phone
  from identity.phone_directory b where b.person_id = p.made_by;
  select l.balance_after_fen - p.amount_fen into v_left
  from ledger.postings l
  where l.business_id = p_business and l.account_id = p.account_id and l.booked_on <= v_day
    and l.at < p.created_at
  order by l.booked_on desc, l.seq desc limit 1;

  return jsonb_build_object(
    'amount_fen', p.amount_fen,
    'hour', extract(hour from p.created_at at time zone 'Asia/Shanghai')::int,
    'paid_before', v_payee + v_near.to_payee,
    'payees_last_hour', v_near.payees_last_hour + 1,
    'payments_last_hour', v_near.last_hour + 1,
    'payments_90d', v_past.payments + v_near.payments,
    'night_payments_90d', v_past.at_night + v_near.at_night,
    'amount_pct_of_max', case when greatest(v_past.max_fen, v_near.max_fen) > 0
      then least(p.amount_fen::numeric * 100 / greatest(v_past.max_fen, v_near.max_fen),
                 1000000)::bigint else 0 end,
    'device_age_hours',
      greatest(coalesce(extract(epoch from v_device) / 3600, 1000000), 0)::bigint,
    'phone_age_hours',
      greatest(coalesce(extract(epoch from v_phone) / 3600, 1000000), 0)::bigint,
    'back_pct', case when v_in.from_payee_fen > 0
      then least(p.amount_fen::numeric * 100 / v_in.from_payee_fen, 1000000)::bigint else 0 end,
    'in_24h_fen', v_in.in_24h_fen::bigint,
    'out_pct_of_in', case when v_in.in_24h_fen > 0
      then least((v_near.out_24h_fen + p.amount_fen) * 100 / v_in.in_24h_fen, 1000000)::bigint
      else 0 end,
    'left_pct_of_in', case when v_in.in_24h_fen > 0
      then least(greatest(coalesce(v_left, 0), 0)::numeric * 100 / v_in.in_24h_fen,
                 1000000)::bigint else 1000000 end,
    'goods', (p.purpose = 'goods')::int,
    'invoice_named', (p.memo ~ '(^|[^0-9])([0-9]{20}|[0-9]{8})([^0-9]|$)')::int,
    'payee_listed', exists (
      select from accounts.watch_list w
      where w.kind = 'firm' and w.name = p.payee_name and w.valid @> v_day)::int);
end $$;

-- A slice of past payments with what a rule reads of each and what they turned out to be.
create function accounts.replay_slice(
  p_from timestamptz, p_until timestamptz, p_amount_from bigint,
  p_after_business uuid, p_after_payment uuid, p_limit int
) returns table (business_id uuid, payment_id uuid, label text, features jsonb)
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select p.business_id, p.id,
         (select max(o.outcome) from accounts.monitor_verdicts v
          cross join lateral jsonb_array_elements(v.fired) f
          join accounts.monitor_outcomes o
            on o.rule_id = (f ->> 'rule_id')::uuid and o.payment_id = p.id
          where v.business_id = p.business_id and v.payment_id = p.id),
         accounts.payment_features(p.business_id, p.id)
  from accounts.payments p
  where (p.business_id, p.id) > (p_after_business, p_after_payment)
    and p.created_at >= p_from and p.created_at < p_until and p.amount_fen >= p_amount_from
    and p.state <> 'draft'
  order by p.business_id, p.id limit p_limit
$$;
create function accounts.replay_size(
  p_from timestamptz, p_until timestamptz, p_amount_from bigint
) returns int
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select count(*)::int from accounts.payments p
  where p.created_at >= p_from and p.created_at < p_until and p.amount_fen >= p_amount_from
    and p.state <> 'draft'
$$;
revoke execute on function accounts.payment_features, accounts.replay_slice, accounts.replay_size,
  accounts.roll_up_payments from public;
grant execute on function accounts.payment_features to app, worker, nightly;
grant execute on function accounts.replay_slice, accounts.replay_size, accounts.roll_up_payments
  to nightly;

-- The rules the bank begins with watch in shadow: none may go live without a replay and two people.
insert into accounts.monitor_rules
  (id, code, version, family, conditions, score, staff_zh, staff_en, owner_zh, owner_en, state,
   made_by, made_at)
select uuidv7(), r.code, 1, r.family, r.conditions::jsonb, r.score, r.staff_zh, r.staff_en,
       '银行正在核实这笔付款，以保护贵公司的资金安全。',
       'The bank is checking this payment to keep your money safe.', 'shadow', 'system',
       timestamptz '2018-01-01 00:00:00+08'
from (values
  ('theft.new_device', 'theft', 60,
   '[{"any": [{"feature": "device_age_hours", "op": "lt", "value": 24}]},
     {"any": [{"feature": "paid_before", "op": "eq", "value": 0}]},
     {"any": [{"feature": "amount_fen", "op": "ge", "value": 5000000}]}]',
   '新设备登录24小时内向首次收款人大额付款', 'Large payment to a first payee within 24 h of a new device'),
  ('theft.above_habit', 'theft', 40,
   '[{"any": [{"feature": "payments_90d", "op": "ge", "value": 5}]},
     {"any": [{"feature": "amount_pct_of_max", "op": "ge", "value": 300}]},
     {"any": [{"feature": "paid_before", "op": "eq", "value": 0}]}]',
   '金额超过90天内最大一笔的3倍且首次付给该收款人',
   'Three times the largest payment of 90 days, to a first payee'),
  ('theft.unusual_hour', 'theft', 30,
   '[{"any": [{"feature": "hour", "op": "lt", "value": 6}]},
     {"any": [{"feature": "payments_90d", "op": "ge", "value": 5}]},
     {"any": [{"feature": "night_payments_90d", "op": "eq", "value": 0}]}]',
   '深夜付款，该企业90天内从无夜间付款', 'At night, by a firm that never paid at night in 90 days'),
  ('theft.many_payees', 'theft', 40,
   '[{"any": [{"feature": "payees_last_hour", "op": "ge", "value": 5}]},
     {"any": [{"feature": "paid_before", "op": "eq", "value": 0}]}]',
   '一小时内向多个收款人付款', 'Many payees within an hour'),
  ('theft.new_phone', 'theft', 30,
   '[{"any": [{"feature": "phone_age_hours", "op": "lt", "value": 72}]},
     {"any": [{"feature": "paid_before", "op": "eq", "value": 0}]}]',
   '手机号绑定不足72小时且首次付给该收款人', 'Phone bound less than 72 h ago, first payee'),
  ('trade.round_trip', 'fake_trade', 50,
   '[{"any": [{"feature": "back_pct", "op": "ge", "value": 80}]},
     {"any": [{"feature": "back_pct", "op": "le", "value": 120}]}]',
   '7天内从该收款人收到的金额大致原额付回', 'About what came from this payee in 7 days goes back to it'),
  ('trade.no_invoice', 'fake_trade', 20,
   '[{"any": [{"feature": "goods", "op": "eq", "value": 1}]},
     {"any": [{"feature": "amount_fen", "op": "ge", "value": 50000000}]},
     {"any": [{"feature": "invoice_named", "op": "eq", "value": 0}]}]',
   '大额货款未注明发票号码', 'Large payment for goods without an invoice number'),
  ('trade.quick_out', 'fake_trade', 40,
   '[{"any": [{"feature": "in_24h_fen", "op": "ge", "value": 50000000}]},
     {"any": [{"feature": "out_pct_of_in", "op": "ge", "value": 90}]},
     {"any": [{"feature": "left_pct_of_in", "op": "le", "value": 5}]}]',
   '24小时内快进快出且余额所剩无几', 'In and out again within 24 h with little left'),
  ('merchant.listed', 'blacklist', 200,
   '[{"any": [{"feature": "payee_listed", "op": "eq", "value": 1}]}]',
   '收款人在名单内', 'The payee is on a list')
) as r (code, family, score, conditions, staff_zh, staff_en);

-- migrate:down
-- forward only
