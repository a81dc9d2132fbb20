-- migrate:up
-- Reports of large sums and suspicious patterns, found each night over a closed business date.
-- A firm never learns of them: its own door has no grant here, not even to read.

insert into accounts.policies (kind, valid, value, source) values
  ('surveillance.terms', '[2017-07-01,)',
   '{"window_days": 3, "scatter_peers": 10, "few_peers": 3, "through_pct": 80,
     "scatter_from_fen": 50000000, "dormant_days": 180, "dormant_from_fen": 20000000,
     "under_pct": 90, "under_times": 3, "under_days": 10, "night_times": 10,
     "night_from_fen": 20000000, "device_firms": 5, "person_times": 5, "person_days": 10,
     "person_from_fen": 20000000, "quick_from_fen": 50000000, "quick_out_pct": 90,
     "quick_left_pct": 5, "scale_times": 10, "scale_from_fen": 50000000, "scale_days": 20}',
   'bank policy under PBOC Order [2016] No.3 Art. 11-14: own standards for suspicious patterns');

create table accounts.large_reports (
  business_id uuid not null,
  id uuid not null,
  booked_on date not null,
  direction text not null,
  medium text not null,
  currency char(3) not null,
  amount_fen bigint not null,
  movements int not null,
  entries jsonb not null,
  due_on date not null,
  state text not null default 'due',
  made_at timestamptz not null default clock_timestamp(),
  filed_by text,
  filed_at timestamptz,
  receipt text,
  primary key (business_id, id),
  constraint one_large_report_per_day_and_way
    unique (business_id, booked_on, direction, medium, currency),
  constraint report_direction_is_known check (direction in ('in', 'out')),
  constraint report_medium_is_known check (medium in ('cash', 'transfer')),
  constraint large_report_state_is_known check (state in ('due', 'filed')),
  constraint filed_report_has_its_receipt
    check ((state = 'filed') = (receipt is not null)
           and (receipt is null) = (filed_at is null) and (receipt is null) = (filed_by is null))
);
create index large_reports_by_term on accounts.large_reports (due_on, business_id, id)
  where state = 'due';

create table accounts.suspicion_cases (
  business_id uuid not null,
  id uuid not null,
  opened_on date not null,
  patterns text[] not null,
  amount_fen bigint not null,
  state text not null default 'open',
  claimed_by uuid,
  lease_until timestamptz,
  proposal text,
  reason text,
  proposed_by uuid,
  confirmed_by uuid,
  confirmed_at timestamptz,
  due_on date,
  receipt text,
  filed_at timestamptz,
  primary key (business_id, id),
  constraint case_state_is_known check (state in ('open', 'proposed', 'reported', 'closed')),
  constraint case_claim_has_a_lease check ((claimed_by is null) = (lease_until is null)),
  constraint proposal_is_known check (proposal in ('report', 'close')),
  constraint a_proposal_has_its_reason
    check ((state = 'open') = (proposal is null) and (proposal is null) = (reason is null)
           and (proposal is null) = (proposed_by is null)),
  constraint two_people_settle_a_case
    check ((state in ('reported', 'closed')) = (confirmed_by is not null)
           and (confirmed_by is null) = (confirmed_at is null)
           and (confirmed_by is null or confirmed_by <> proposed_by)),
  constraint reported_case_has_its_term check ((state = 'reported') = (due_on is not null)),
  constraint filed_case_was_reported
    check ((receipt is null) = (filed_at is null) and (receipt is null or state = 'reported'))
);
create unique index one_open_case_per_firm on accounts.suspicion_cases (business_id)
  where state in ('open', 'proposed');
create index cases_by_age on accounts.suspicion_cases (opened_on, business_id, id)
  where state in ('open', 'proposed');

create table accounts.suspicions (
  business_id uuid not null,
  id uuid not null,
  case_id uuid not null,
  pattern text not null,
  found_on date not null,
  amount_fen bigint not null,
  facts jsonb not null,
  primary key (business_id, id),
  constraint a_pattern_is_found_once_a_day unique (business_id, found_on, pattern),
  constraint suspicion_belongs_to_a_case foreign key (business_id, case_id)
    references accounts.suspicion_cases (business_id, id),
  constraint pattern_is_known check (pattern in (
    'scattered_in_concentrated_out', 'concentrated_in_scattered_out', 'dormant_active',
    'just_under', 'night_activity', 'many_firms_one_device', 'to_one_person', 'quick_in_out',
    'out_of_scale'))
);

create table accounts.case_notes (
  business_id uuid not null,
  id uuid not null,
  case_id uuid not null,
  staff_id uuid not null,
  text text not null,
  at timestamptz not null,
  primary key (business_id, id),
  constraint note_belongs_to_a_case foreign key (business_id, case_id)
    references accounts.suspicion_cases (business_id, id)
);

do $$
declare t text;
begin
  foreach t in array array['large_reports', 'suspicion_cases', 'suspicions', 'case_notes'] loop
    perform core.tenant_table(format('accounts.%I', t)::regclass);
    perform core.desk_works(format('accounts.%I', t)::regclass);
    -- No tipping-off (AML Law): the firm's door cannot even ask whether there is anything.
    execute format('revoke all on accounts.%I from app', t);
    execute format('revoke insert, update on accounts.%I from worker', t);
  end loop;
end $$;
revoke insert on accounts.large_reports, accounts.suspicion_cases from desk;
revoke insert, update on accounts.suspicions from desk;
revoke update on accounts.case_notes from desk;
create trigger notes_are_append_only before update or delete on accounts.case_notes
  for each row execute function core.refuse_change();
create trigger reports_are_kept before delete on accounts.large_reports
  for each row execute function core.refuse_change();
create trigger cases_are_kept before delete on accounts.suspicion_cases
  for each row execute function core.refuse_change();

-- Which business dates have been looked through.
create table accounts.surveyed_days (
  day date primary key,
  reports int not null,
  suspicions int not null,
  at timestamptz not null default clock_timestamp()
);
select core.local_table('accounts.surveyed_days');
revoke all on accounts.surveyed_days from app;
revoke insert, update, delete on accounts.surveyed_days from worker;

-- The n-th working day after a date (国务院 holidays and make-up working days count).
create function accounts.working_day_after(p_on date, p_days int) returns date
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select d::date
  from generate_series(p_on + 1, p_on + 60, interval '1 day') d
  left join reference.special_days s on s.day = d::date
  where case s.kind when 'holiday' then false when 'makeup_workday' then true
        else extract(isodow from d) < 6 end
  order by d offset p_days - 1 limit 1
$$;

-- Money of customers in [p_from, p_until): who, how much, with whom. `exempt`: between own
-- accounts, tax, interest, corrections (Order [2016] No.3 Art. 7).
create function accounts.movements(p_from date, p_until date) returns table (
  business_id uuid, account_id uuid, booked_on date, at timestamptz, amount_fen bigint,
  currency text, entry_id uuid, kind text, medium text, peer text, payee_name text, purpose text,
  made_by uuid, exempt boolean)
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select l.business_id, l.account_id, l.booked_on, l.at, l.amount_fen, l.currency::text, e.id,
         e.kind, case when e.kind like 'cash%' then 'cash' else 'transfer' end,
         coalesce(p.payee_bank_code || ' ' || p.payee_account_tail || ' ' || p.payee_name,
                  c.payer_bank_code || ' ' || c.payer_account_tail),
         p.payee_name, p.purpose, p.made_by,
         coalesce(p.purpose = 'tax', false)
           or e.kind in ('payment_failed', 'payment_returned', 'interest', 'deduction')
           or exists (select from ledger.postings o
                      where o.business_id = l.business_id and o.account_id <> l.account_id
                        and o.booked_on = l.booked_on and o.entry_id = l.entry_id
                        and o.owner = 'firm')
  from ledger.postings l
  join ledger.entries e
    on e.business_id = l.business_id and e.booked_on = l.booked_on and e.id = l.entry_id
  left join accounts.payments p
    on p.business_id = l.business_id and l.amount_fen < 0
    and p.id = case when e.kind = 'payment' then e.business_key::uuid end
  left join accounts.incoming_credits c
    on c.business_id = l.business_id and l.amount_fen > 0 and c.reference = e.business_key
    and c.source = case e.kind when 'payment' then 'in_bank' when 'credit' then 'outside' end
  where l.owner = 'firm' and l.booked_on >= p_from and l.booked_on < p_until
$$;

-- What is large in one day: per customer, receipts and payments apart, cash and transfers apart.
create function accounts.large_sums(p_on date) returns table (
  business_id uuid, direction text, medium text, currency text, amount_fen bigint, movements int,
  entries jsonb)
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select m.business_id, case when m.amount_fen < 0 then 'out' else 'in' end, m.medium, m.currency,
         sum(abs(m.amount_fen))::bigint, count(*)::int, jsonb_agg(m.entry_id order by m.at)
  from accounts.movements(p_on, p_on + 1) m
  join reference.statutory_values t
    on t.kind = 'aml.large_value' and t.region = 'CN' and t.valid @> p_on
  where not m.exempt
  group by 1, 2, 3, 4, t.value
  having sum(abs(m.amount_fen)) >= (t.value -> m.medium ->> m.currency)::bigint
$$;

-- The patterns of one day, each with what was seen; thresholds are the bank's dated policy.
create function accounts.suspicious_patterns(p_on date)
  returns table (business_id uuid, pattern text, amount_fen bigint, facts jsonb)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  t jsonb := (select p.value from accounts.policies p
              where p.kind = 'surveillance.terms' and p.valid @> p_on);
  v_large bigint := (select (s.value -> 'transfer' ->> 'CNY')::bigint
                     from reference.statutory_values s
                     where s.kind = 'aml.large_value' and s.region = 'CN' and s.valid @> p_on);
  v_days int := greatest((t ->> 'window_days')::int, (t ->> 'under_days')::int,
                         (t ->> 'person_days')::int);
begin
  return query
  with moved as materialized (
    select m.*, m.booked_on > p_on - (t ->> 'window_days')::int as near,
           m.booked_on = p_on as today
    from accounts.movements(p_on - v_days + 1, p_on + 1) m
    where not m.exempt and m.currency = 'CNY'
  ), active as (
    select distinct m.business_id from moved m where m.today
  ), flows as (
    select m.business_id,
           count(distinct m.peer) filter (where m.amount_fen > 0) as payers,
           count(distinct m.peer) filter (
             where m.amount_fen < 0 and m.purpose is distinct from 'wages') as payees,
           coalesce(sum(m.amount_fen) filter (where m.amount_fen > 0), 0) as came,
           coalesce(-sum(m.amount_fen) filter (
             where m.amount_fen < 0 and m.purpose is distinct from 'wages'), 0) as went
    from moved m join active a on a.business_id = m.business_id
    where m.near group by m.business_id
  ), quick as (
    select m.business_id, sum(m.amount_fen) filter (where m.amount_fen > 0) as came,
           -sum(m.amount_fen) filter (where m.amount_fen < 0) as went
    from moved m join active a on a.business_id = m.business_id
    where m.booked_on >= p_on - 1 group by m.business_id
  ), today as (
    select m.business_id, sum(abs(m.amount_fen)) as turnover,
           count(*) filter (
             where extract(hour from m.at at time zone 'Asia/Shanghai') < 6) as at_night,
           coalesce(sum(abs(m.amount_fen)) filter (
             where extract(hour from m.at at time zone 'Asia/Shanghai') < 6), 0) as night_fen
    from moved m where m.today group by m.business_id
  )
  select f.business_id, 'scattered_in_concentrated_out', f.came::bigint,
         jsonb_build_object('payers', f.payers, 'payees', f.payees, 'in_fen', f.came,
                            'out_fen', f.went, 'days', t -> 'window_days')
  from flows f
  where f.payers >= (t ->> 'scatter_peers')::int
    and f.payees between 1 and (t ->> 'few_peers')::int
    and f.came >= (t ->> 'scatter_from_fen')::bigint
    and f.went * 100 >= f.came * (t ->> 'through_pct')::int
  union all
  select f.business_id, 'concentrated_in_scattered_out', f.came::bigint,
         jsonb_build_object('payers', f.payers, 'payees', f.payees, 'in_fen', f.came,
                            'out_fen', f.went, 'days', t -> 'window_days')
  from flows f
  where f.payees >= (t ->> 'scatter_peers')::int
    and f.payers between 1 and (t ->> 'few_peers')::int
    and f.came >= (t ->> 'scatter_from_fen')::bigint
    and f.went * 100 >= f.came * (t ->> 'through_pct')::int
  union all
  select d.business_id, 'dormant_active', d.turnover::bigint,
         jsonb_build_object('quiet_days', t -> 'dormant_days', 'turnover_fen', d.turnover)
  from today d
  where d.turnover >= (t ->> 'dormant_from_fen')::bigint
    and exists (select from ledger.accounts a
                where a.business_id = d.business_id and a.owner = 'firm'
                  and a.opened_on <= p_on - (t ->> 'dormant_days')::int)
    and not exists (select from ledger.accounts a
                    join ledger.postings l on l.business_id = a.business_id
                      and l.account_id = a.id
                      and l.booked_on >= p_on - (t ->> 'dormant_days')::int
                      and l.booked_on < p_on
                    where a.business_id = d.business_id and a.owner = 'firm')
  union all
  select m.business_id, 'just_under', sum(abs(m.amount_fen))::bigint,
         jsonb_build_object('times', count(*), 'threshold_fen', v_large,
                            'days', t -> 'under_days')
  from moved m
  where m.booked_on > p_on - (t ->> 'under_days')::int
    and abs(m.amount_fen) < v_large
    and abs(m.amount_fen)::numeric * 100 >= v_large::numeric * (t ->> 'under_pct')::int
  group by m.business_id
  having count(*) >= (t ->> 'under_times')::int and bool_or(m.today)
  union all
  select d.business_id, 'night_activity', d.night_fen::bigint,
         jsonb_build_object('movements', d.at_night, 'night_fen', d.night_fen)
  from today d
  where d.at_night >= (t ->> 'night_times')::int
    and d.night_fen >= (t ->> 'night_from_fen')::bigint
  union all
  select x.business_id, 'many_firms_one_device', x.sum_fen::bigint,
         jsonb_build_object('firms', x.firms)
  from (
    select s.business_id, sum(s.sum_fen) as sum_fen, max(s.firms) as firms from (
      select y.business_id, y.device, y.sum_fen, count(*) over (partition by y.device) as firms
      from (
        select m.business_id, v.device, sum(-m.amount_fen) as sum_fen
        from moved m
        cross join lateral (
          select s.device from identity.sessions s
          where s.person_id = m.made_by and s.door = 'person'
          order by s.started_at desc, s.id desc limit 1) v
        where m.today and m.amount_fen < 0 and m.made_by is not null
        group by m.business_id, v.device) y) s
    group by s.business_id) x
  where x.firms >= (t ->> 'device_firms')::int
  union all
  select m.business_id, 'to_one_person', max(m.sum_fen)::bigint,
         jsonb_build_object('times', max(m.times), 'days', t -> 'person_days',
                            'payee_name', min(m.payee_name))
  from (
    select m.business_id, m.payee_name, count(*) as times, -sum(m.amount_fen) as sum_fen
    from moved m
    where m.booked_on > p_on - (t ->> 'person_days')::int and m.amount_fen < 0
      and (char_length(m.payee_name) <= 4 or m.payee_name like '%·%')
    group by m.business_id, m.payee_name
    having count(*) >= (t ->> 'person_times')::int
      and -sum(m.amount_fen) >= (t ->> 'person_from_fen')::bigint and bool_or(m.today)) m
  group by m.business_id
  union all
  select q.business_id, 'quick_in_out', q.came::bigint,
         jsonb_build_object('in_fen', q.came, 'out_fen', q.went, 'left_fen', b.left_fen)
  from quick q
  cross join lateral (
    select coalesce(sum(z.balance_after_fen), 0) as left_fen
    from ledger.accounts a
    cross join lateral (
      select l.balance_after_fen from ledger.postings l
      where l.business_id = a.business_id and l.account_id = a.id and l.booked_on <= p_on
      order by l.booked_on desc, l.seq desc limit 1) z
    where a.business_id = q.business_id and a.owner = 'firm') b
  where q.came >= (t ->> 'quick_from_fen')::bigint
    and q.went * 100 >= q.came * (t ->> 'quick_out_pct')::int
    and b.left_fen * 100 <= q.came * (t ->> 'quick_left_pct')::int
  union all
  select d.business_id, 'out_of_scale', d.turnover::bigint,
         jsonb_build_object('turnover_fen', d.turnover, 'usual_fen', trunc(h.usual),
                            'days', h.days)
  from today d
  cross join lateral (
    select avg(g.turnover) as usual, count(*) as days from (
      select l.booked_on, sum(abs(l.amount_fen)) as turnover
      from ledger.accounts a
      join ledger.postings l on l.business_id = a.business_id and l.account_id = a.id
        and l.booked_on >= p_on - 90 and l.booked_on < p_on
      where a.business_id = d.business_id and a.owner = 'firm'
      group by l.booked_on) g) h
  where d.turnover >= (t ->> 'scale_from_fen')::bigint
    and h.days >= (t ->> 'scale_days')::int
    and d.turnover >= h.usual * (t ->> 'scale_times')::int;
end $$;

-- Dates with movements that are over and have not been looked through, oldest first.
create function accounts.days_to_survey(p_today date) returns setof date
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select distinct e.booked_on from ledger.entries e
  where e.booked_on < p_today
    and e.booked_on >= coalesce((select max(s.day) from accounts.surveyed_days s), '-infinity')
    and not exists (select from accounts.surveyed_days s where s.day = e.booked_on)
  order by 1
$$;

-- Looks through one business date of all firms, once: reports, suspicions and their cases.
create function accounts.survey(p_on date) returns boolean
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_reports int;
  v_suspicions int;
begin
  perform pg_advisory_xact_lock(7301091);
  if exists (select from accounts.surveyed_days where day = p_on) then return false; end if;
  insert into accounts.large_reports
    (business_id, id, booked_on, direction, medium, currency, amount_fen, movements, entries,
     due_on)
  select s.business_id, uuidv7(), p_on, s.direction, s.medium, s.currency, s.amount_fen,
         s.movements, s.entries,
         accounts.working_day_after(p_on, (
           select (v.value ->> 'report_working_days')::int from reference.statutory_values v
           where v.kind = 'aml.large_value' and v.region = 'CN' and v.valid @> p_on))
  from accounts.large_sums(p_on) s;
  get diagnostics v_reports = row_count;

  create temporary table found on commit drop as
    select f.business_id, f.pattern, f.amount_fen, f.facts from accounts.suspicious_patterns(p_on) f;
  update accounts.suspicion_cases c
  set patterns = (select array_agg(distinct x order by x) from unnest(c.patterns || n.patterns) x),
      amount_fen = greatest(c.amount_fen, n.amount_fen)
  from (select f.business_id, array_agg(f.pattern) as patterns, max(f.amount_fen) as amount_fen
        from pg_temp.found f group by f.business_id) n
  where c.business_id = n.business_id and c.state in ('open', 'proposed');
  insert into accounts.suspicion_cases (business_id, id, opened_on, patterns, amount_fen)
  select f.business_id, uuidv7(), p_on, array_agg(f.pattern order by f.pattern), max(f.amount_fen)
  from pg_temp.found f
  where not exists (select from accounts.suspicion_cases c
                    where c.business_id = f.business_id and c.state in ('open', 'proposed'))
  group by f.business_id;
  insert into accounts.suspicions
    (business_id, id, case_id, pattern, found_on, amount_fen, facts)
  select f.business_id, uuidv7(), c.id, f.pattern, p_on, f.amount_fen, f.facts
  from pg_temp.found f
  join accounts.suspicion_cases c
    on c.business_id = f.business_id and c.state in ('open', 'proposed');
  get diagnostics v_suspicions = row_count;
  drop table pg_temp.found;
  insert into accounts.surveyed_days (day, reports, suspicions)
  values (p_on, v_reports, v_suspicions);
  return true;
end $$;
revoke execute on function accounts.working_day_after, accounts.movements, accounts.large_sums,
  accounts.suspicious_patterns, accounts.days_to_survey, accounts.survey from public;
grant execute on function accounts.working_day_after to desk;
grant execute on function accounts.movements, accounts.large_sums to verify;
grant execute on function accounts.days_to_survey, accounts.survey to nightly;

-- migrate:down
-- forward only
