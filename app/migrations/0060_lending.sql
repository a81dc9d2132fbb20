-- migrate:up
-- Credit: what is offered, who is found worthy of it and why, limits, loans, and their servicing.

create schema lending;
grant usage on schema lending to app, portal, desk, worker, nightly, verify;

-- Loan prime rate (LPR), published by the National Interbank Funding Center on the 20th.
create table lending.prime_rates (
  tenor text not null,
  valid daterange not null,
  rate_ppm int not null,
  source text not null,
  constraint one_prime_rate_at_a_time primary key (tenor, valid without overlaps),
  constraint tenor_is_known check (tenor in ('1y', '5y')),
  constraint prime_rate_is_positive check (rate_ppm > 0)
);
select core.reference_table('lending.prime_rates');
insert into lending.prime_rates (tenor, valid, rate_ppm, source)
select tenor, daterange(from_on, lead(from_on) over (partition by tenor order by from_on)),
       rate_ppm, 'LPR, National Interbank Funding Center, published ' || from_on
from (values
  (date '2019-08-20', 42500, 48500), (date '2019-09-20', 42000, 48500),
  (date '2019-11-20', 41500, 48000), (date '2020-02-20', 40500, 47500),
  (date '2020-04-20', 38500, 46500), (date '2021-12-20', 38000, 46500),
  (date '2022-01-20', 37000, 46000), (date '2022-05-20', 37000, 44500),
  (date '2022-08-22', 36500, 43000), (date '2023-06-20', 35500, 42000),
  (date '2023-08-21', 34500, 42000), (date '2024-02-20', 34500, 39500),
  (date '2024-07-22', 33500, 38500), (date '2024-10-21', 31000, 36000),
  (date '2025-05-20', 30000, 35000)
) as published (from_on, one_year, five_years),
lateral (values ('1y', one_year), ('5y', five_years)) as t (tenor, rate_ppm);

-- Products as dated rows: a loan keeps the terms of the day it was drawn.
create table lending.products (
  code text not null,
  valid daterange not null,
  name_zh text not null,
  name_en text not null,
  min_draw_fen bigint not null,
  cap_fen bigint not null,
  prime_tenor text not null,
  spread_ppm int not null,
  penalty_ppm int not null,
  methods text[] not null,
  terms_months int[] not null,
  min_months_registered int not null,
  sales_share_ppm int not null,
  tax_multiple_ppm int not null,
  facility_months int not null,
  principal_first_after_days int not null,
  source text not null,
  constraint one_product_version_at_a_time primary key (code, valid without overlaps),
  constraint draw_lies_under_the_cap check (min_draw_fen > 0 and min_draw_fen <= cap_fen),
  constraint penalty_is_30_to_50_percent check (penalty_ppm between 300000 and 500000),
  constraint methods_are_known check (methods <@
    array['equal_instalment', 'equal_principal', 'interest_only', 'bullet', 'flat']),
  constraint working_capital_lasts_three_years_at_most check (36 >= all (terms_months))
);
select core.reference_table('lending.products');
insert into lending.products values (
  'business_quick', daterange('2024-07-01', null), '经营快贷', 'Business Quick Loan',
  100000, 500000000, '1y', 15000, 500000,
  array['equal_instalment', 'equal_principal', 'interest_only', 'bullet'],
  array[3, 6, 12], 12, 300000, 10000000, 12, 90,
  'limit and term: the bank''s public product table; 流动资金贷款管理办法 (2024-07-01); '
  'penalty: 银发〔2003〕251号'
);

-- Points per characteristic, as data with a version; the decision keeps the version it used.
create table lending.scorecards (
  version text primary key,
  valid daterange not null,
  card jsonb not null,
  source text not null,
  constraint one_scorecard_at_a_time exclude using gist (valid with &&)
);
select core.reference_table('lending.scorecards');
insert into lending.scorecards (version, valid, card, source) values ('2025-1', daterange('2025-01-01', null), '{
  "base": 560,
  "missing_tax_share_ppm": 500000,
  "bands": [
    {"min_score": 600, "share_ppm": 400000},
    {"min_score": 640, "share_ppm": 700000},
    {"min_score": 680, "share_ppm": 1000000}
  ],
  "knockouts": [
    {"feature": "dishonest", "above": 0, "code": "dishonest_debtor"},
    {"feature": "enforcement_cases", "above": 0, "code": "court_enforcement"},
    {"feature": "overdue_now_fen", "above": 0, "code": "overdue_elsewhere"},
    {"feature": "worst_class", "above": 1, "code": "bad_loan_elsewhere"},
    {"feature": "overdue_here_days", "above": 0, "code": "overdue_here"},
    {"feature": "inquiries_3_months", "above": 9, "code": "many_inquiries"},
    {"feature": "red_ratio_ppm", "above": 400000, "code": "many_red_invoices"}
  ],
  "characteristics": [
    {"feature": "months_active", "code": "short_account_history", "missing": -60, "bins": [
      {"below": 3, "points": -60}, {"below": 6, "points": -20}, {"below": 12, "points": 20},
      {"below": null, "points": 40}]},
    {"feature": "monthly_inflow_fen", "code": "low_inflow", "missing": -40, "bins": [
      {"below": 1000000, "points": -40}, {"below": 5000000, "points": 0},
      {"below": 20000000, "points": 25}, {"below": null, "points": 40}]},
    {"feature": "average_balance_fen", "code": "low_balance", "missing": -15, "bins": [
      {"below": 500000, "points": -15}, {"below": 5000000, "points": 10},
      {"below": null, "points": 25}]},
    {"feature": "invoiced_12m_fen", "code": "few_invoices", "missing": -30, "bins": [
      {"below": 10000000, "points": -30}, {"below": 100000000, "points": 15},
      {"below": null, "points": 30}]},
    {"feature": "red_ratio_ppm", "code": "many_red_invoices", "missing": 0, "bins": [
      {"below": 50000, "points": 15}, {"below": 150000, "points": 0},
      {"below": null, "points": -40}]},
    {"feature": "top_customer_ppm", "code": "one_large_customer", "missing": 0, "bins": [
      {"below": 300000, "points": 20}, {"below": 600000, "points": 5},
      {"below": null, "points": -20}]},
    {"feature": "tax_filed_12m_fen", "code": "little_tax", "missing": -5, "bins": [
      {"below": 100000, "points": 0}, {"below": 1000000, "points": 10},
      {"below": null, "points": 25}]},
    {"feature": "payroll_headcount", "code": "no_payroll", "missing": -10, "bins": [
      {"below": 1, "points": -10}, {"below": 5, "points": 10}, {"below": null, "points": 20}]},
    {"feature": "returned_payments_12m", "code": "returned_payments", "missing": 0, "bins": [
      {"below": 1, "points": 15}, {"below": 3, "points": 0}, {"below": null, "points": -30}]},
    {"feature": "overdue_months_24", "code": "past_overdue", "missing": 0, "bins": [
      {"below": 1, "points": 20}, {"below": 3, "points": -20}, {"below": null, "points": -80}]},
    {"feature": "inquiries_3_months", "code": "many_inquiries", "missing": 0, "bins": [
      {"below": 4, "points": 10}, {"below": 7, "points": 0}, {"below": null, "points": -40}]}
  ]
}', 'expert points of the bank, first version; replaced by a fitted card when outcomes exist');

-- The five categories by days overdue (Order [2023] 1 of NFRA and PBOC, from 2023-07-01).
create table lending.category_floors (
  valid daterange not null,
  over_days int not null,
  category text not null,
  source text not null,
  constraint one_category_floor_at_a_time primary key (over_days, valid without overlaps),
  constraint floor_category_is_known check
    (category in ('special_mention', 'substandard', 'doubtful', 'loss'))
);
select core.reference_table('lending.category_floors');
insert into lending.category_floors (valid, over_days, category, source)
select daterange('2023-07-01', null), over_days, category,
       '商业银行金融资产风险分类办法 (Order [2023] No. 1)'
from (values (0, 'special_mention'), (90, 'substandard'), (270, 'doubtful'), (360, 'loss'))
  as floors (over_days, category);

-- What the firm's own data said about it on a day.
create table lending.feature_snapshots (
  business_id uuid not null,
  id uuid not null,
  taken_on date not null,
  features jsonb not null,
  taken_at timestamptz not null,
  primary key (business_id, id)
);
select core.tenant_table('lending.feature_snapshots');
select core.desk_reads('lending.feature_snapshots');
create index feature_snapshots_by_day on lending.feature_snapshots (business_id, taken_on);

-- Separate written consents (征信业管理条例 arts. 18, 28): what was agreed to, by whom, when.
create table lending.consents (
  business_id uuid not null,
  id uuid not null,
  kind text not null,
  text_version text not null,
  person_id uuid not null,
  given_at timestamptz not null,
  primary key (business_id, id),
  constraint consent_kind_is_known check (kind in ('bureau', 'tax', 'invoices'))
);
select core.tenant_table('lending.consents');
select core.desk_reads('lending.consents');
create trigger consents_are_append_only before update or delete on lending.consents
  for each row execute function core.refuse_change();

-- Why yes or no: the inputs, the version of the points, the outcome, the reasons.
create table lending.decisions (
  business_id uuid not null,
  id uuid not null,
  product_code text not null,
  snapshot_id uuid not null,
  scorecard_version text not null,
  bureau jsonb,
  decided_on date not null,
  score int not null,
  eligible boolean not null,
  limit_fen bigint not null,
  reasons jsonb not null,
  decided_at timestamptz not null,
  primary key (business_id, id),
  foreign key (business_id, snapshot_id)
    references lending.feature_snapshots (business_id, id),
  constraint only_the_eligible_get_a_limit check (eligible = (limit_fen > 0))
);
select core.tenant_table('lending.decisions');
select core.desk_reads('lending.decisions');
create index decisions_by_product on lending.decisions (business_id, product_code, decided_on);
create trigger decisions_are_append_only before update or delete on lending.decisions
  for each row execute function core.refuse_change();

create table lending.applications (
  business_id uuid not null,
  id uuid not null,
  product_code text not null,
  asked_fen bigint,
  state text not null,
  bureau_consent_id uuid not null,
  decision_id uuid,
  submitted_at timestamptz not null,
  decided_at timestamptz,
  primary key (business_id, id),
  foreign key (business_id, bureau_consent_id) references lending.consents (business_id, id),
  foreign key (business_id, decision_id) references lending.decisions (business_id, id),
  constraint application_state_is_known check (state in ('asking_bureau', 'granted', 'declined')),
  constraint a_decided_application_has_its_decision check
    ((state = 'asking_bureau') = (decision_id is null)
     and (decision_id is null) = (decided_at is null)),
  constraint asked_amount_is_positive check (asked_fen > 0)
);
select core.tenant_table('lending.applications');
select core.desk_reads('lending.applications');
create unique index one_open_application_per_product
  on lending.applications (business_id, product_code) where state = 'asking_bureau';

create table lending.facilities (
  business_id uuid not null,
  id uuid not null,
  product_code text not null,
  decision_id uuid not null,
  limit_fen bigint not null,
  used_fen bigint not null default 0,
  state text not null,
  granted_on date not null,
  ends_on date not null,
  version int not null default 1,
  primary key (business_id, id),
  foreign key (business_id, decision_id) references lending.decisions (business_id, id),
  constraint one_facility_per_product unique (business_id, product_code),
  constraint facility_state_is_known check (state in ('offered', 'active', 'ended')),
  constraint used_limit_is_not_negative check (used_fen >= 0),
  constraint facility_limit_is_positive check (limit_fen > 0),
  constraint facility_ends_after_it_begins check (ends_on > granted_on)
);
select core.tenant_table('lending.facilities');
select core.desk_reads('lending.facilities');
create sequence lending.contract_numbers;
grant usage on sequence lending.contract_numbers to app, worker;

create table lending.loans (
  business_id uuid not null,
  id uuid not null,
  number text not null,
  facility_id uuid not null,
  product_code text not null,
  account_id uuid not null,
  principal_fen bigint not null,
  outstanding_fen bigint not null,
  purpose text not null,
  method text not null,
  instalment_count int not null,
  day_count text not null,
  annual_rate_ppm int not null,
  prime_rate_ppm int not null,
  penalty_rate_ppm int not null,
  principal_first_after_days int not null,
  annual_cost_simple_ppm int not null,
  annual_cost_compound_ppm int not null,
  disbursed_on date not null,
  matures_on date not null,
  state text not null,
  category text not null default 'normal',
  overdue_days int not null default 0,
  accrued_interest_fen bigint not null default 0,
  accrued_until_on date not null,
  serviced_on date not null,
  contract_file_id uuid,
  drawn_at timestamptz not null,
  version int not null default 1,
  primary key (business_id, id),
  foreign key (business_id, facility_id) references lending.facilities (business_id, id),
  constraint contract_number_is_given_once unique (business_id, number),
  constraint loan_amount_is_positive check (principal_fen > 0),
  constraint outstanding_is_part_of_the_loan check (outstanding_fen between 0 and principal_fen),
  constraint loan_state_is_known check (state in ('active', 'overdue', 'settled')),
  constraint a_settled_loan_owes_nothing check (state <> 'settled' or outstanding_fen = 0),
  constraint loan_category_is_known check
    (category in ('normal', 'special_mention', 'substandard', 'doubtful', 'loss')),
  constraint penalty_is_above_the_rate check (penalty_rate_ppm >= annual_rate_ppm)
);
select core.tenant_table('lending.loans');
select core.desk_reads('lending.loans');
create index loans_of_a_facility on lending.loans (business_id, facility_id)
  where state <> 'settled';

create table lending.instalments (
  business_id uuid not null,
  loan_id uuid not null,
  no int not null,
  kind text not null,
  from_on date not null,
  due_on date not null,
  principal_fen bigint not null,
  interest_fen bigint not null,
  paid_principal_fen bigint not null default 0,
  paid_interest_fen bigint not null default 0,
  penalty_fen bigint not null default 0,
  paid_penalty_fen bigint not null default 0,
  -- Penalty is fixed up to this day; from then on it grows on what is unpaid.
  penalty_from_on date not null,
  state text not null,
  primary key (business_id, loan_id, no),
  foreign key (business_id, loan_id) references lending.loans (business_id, id),
  constraint instalment_kind_is_known check (kind in ('scheduled', 'prepayment')),
  constraint instalment_state_is_known
    check (state in ('planned', 'overdue', 'paid', 'superseded')),
  constraint instalment_amounts_are_not_negative check
    (principal_fen >= 0 and interest_fen >= 0 and penalty_fen >= 0),
  constraint not_more_is_paid_than_owed check
    (paid_principal_fen between 0 and principal_fen
     and paid_interest_fen between 0 and interest_fen
     and paid_penalty_fen between 0 and penalty_fen),
  constraint paid_means_all_of_it check
    (state <> 'paid' or (paid_principal_fen = principal_fen
                         and paid_interest_fen = interest_fen
                         and paid_penalty_fen = penalty_fen)),
  constraint only_the_untouched_is_superseded check
    (state <> 'superseded' or paid_principal_fen + paid_interest_fen + paid_penalty_fen = 0)
);
select core.tenant_table('lending.instalments');
select core.desk_reads('lending.instalments');
create index instalments_by_due_date on lending.instalments (business_id, due_on)
  where state in ('planned', 'overdue');

-- Money taken: one row and one ledger entry for each time an instalment was debited.
create table lending.repayments (
  business_id uuid not null,
  loan_id uuid not null,
  instalment_no int not null,
  seq int not null,
  paid_on date not null,
  principal_fen bigint not null,
  interest_fen bigint not null,
  penalty_fen bigint not null,
  entry_kind text not null,
  business_key text not null,
  paid_at timestamptz not null,
  primary key (business_id, loan_id, instalment_no, seq),
  foreign key (business_id, loan_id, instalment_no)
    references lending.instalments (business_id, loan_id, no),
  constraint repayment_moves_money check
    (least(principal_fen, interest_fen, penalty_fen) >= 0
     and principal_fen + interest_fen + penalty_fen > 0)
);
select core.tenant_table('lending.repayments');
select core.desk_reads('lending.repayments');
create trigger repayments_are_append_only before update or delete on lending.repayments
  for each row execute function core.refuse_change();

-- What was agreed, decided or taken is written once.
revoke update on lending.consents, lending.decisions, lending.repayments, lending.feature_snapshots
  from app, worker;
create trigger snapshots_are_append_only before update or delete on lending.feature_snapshots
  for each row execute function core.refuse_change();

do $$
declare t text;
begin
  foreach t in array array['consents', 'decisions', 'repayments', 'feature_snapshots', 'loans',
                           'instalments', 'facilities', 'applications'] loop
    execute format('create trigger %s_are_never_emptied before truncate on lending.%I'
                   ' for each statement execute function core.refuse_change()', t, t);
  end loop;
end $$;

-- The contract's terms stay those of the day it was signed; a settled loan stays settled.
create function lending.keep_contract() returns trigger language plpgsql as $$
begin
  if (old.number, old.facility_id, old.product_code, old.account_id, old.principal_fen, old.purpose,
      old.method, old.instalment_count, old.day_count, old.annual_rate_ppm, old.prime_rate_ppm,
      old.penalty_rate_ppm, old.principal_first_after_days, old.annual_cost_simple_ppm,
      old.annual_cost_compound_ppm, old.disbursed_on, old.matures_on, old.drawn_at)
     is distinct from
     (new.number, new.facility_id, new.product_code, new.account_id, new.principal_fen, new.purpose,
      new.method, new.instalment_count, new.day_count, new.annual_rate_ppm, new.prime_rate_ppm,
      new.penalty_rate_ppm, new.principal_first_after_days, new.annual_cost_simple_ppm,
      new.annual_cost_compound_ppm, new.disbursed_on, new.matures_on, new.drawn_at)
     or new.outstanding_fen > old.outstanding_fen
     or (old.state = 'settled' and new.state <> 'settled') then
    raise exception 'a signed contract does not change' using errcode = 'XW060';
  end if;
  return new;
end $$;
create trigger contract_terms_are_frozen before update on lending.loans
  for each row execute function lending.keep_contract();

-- What an instalment owes is fixed with its row; only what was paid, penalty and state move on.
create function lending.keep_instalment() returns trigger language plpgsql as $$
begin
  if (old.kind, old.from_on, old.due_on, old.principal_fen, old.interest_fen)
     is distinct from (new.kind, new.from_on, new.due_on, new.principal_fen, new.interest_fen)
     or new.paid_principal_fen < old.paid_principal_fen
     or new.paid_interest_fen < old.paid_interest_fen
     or new.paid_penalty_fen < old.paid_penalty_fen
     or old.state in ('paid', 'superseded') then
    raise exception 'an instalment is not rewritten' using errcode = 'XW060';
  end if;
  return new;
end $$;
create trigger instalments_are_not_rewritten before update on lending.instalments
  for each row execute function lending.keep_instalment();

-- migrate:down
-- forward only
