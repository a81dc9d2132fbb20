-- migrate:up
-- Every message about an account to the account management system, each attempt a row; and the
-- ceiling under which a simplified account's people pay.

create table onboarding.filings (
  business_id uuid not null,
  id uuid not null,
  application_id uuid not null,
  bill text not null,
  attempt int not null,
  state text not null default 'waiting',
  code text,
  reason text,
  due_at timestamptz not null,
  asked_at timestamptz not null,
  answered_at timestamptz,
  asked_by text not null,
  primary key (business_id, id),
  constraint a_filing_is_about_an_application foreign key (business_id, application_id)
    references onboarding.applications (business_id, id),
  constraint one_filing_per_attempt unique (business_id, application_id, bill, attempt),
  constraint bill_is_known check (bill in ('OPEN', 'CHANGE', 'CLOSE')),
  constraint filing_state_is_known check (state in ('waiting', 'done', 'refused', 'mended')),
  constraint an_answer_has_its_moment check ((state = 'waiting') = (answered_at is null)),
  constraint a_refusal_has_its_code check (state not in ('refused', 'mended') or code is not null)
);
select core.tenant_table('onboarding.filings');
select core.desk_works('onboarding.filings');
-- One message at a time about one account and one event of it.
create unique index one_filing_under_way on onboarding.filings (business_id, application_id, bill)
  where state in ('waiting', 'refused');
-- The desk reads what is open across all firms: here the tenant does not lead.
create index filings_open on onboarding.filings (due_at, id) where state in ('waiting', 'refused');

insert into onboarding.filings (business_id, id, application_id, bill, attempt, state, code,
  due_at, asked_at, answered_at, asked_by)
select business_id, id, id, 'OPEN', 1,
  case when filing_number is not null then 'done' when filing_refused_code is not null
    then 'refused' else 'waiting' end,
  filing_refused_code, ended_at, ended_at,
  case when filing_number is null and filing_refused_code is null then null else ended_at end,
  'system'
from onboarding.applications where state = 'active';

create table accounts.firm_ceilings (
  business_id uuid primary key,
  single_fen bigint not null,
  daily_fen bigint not null,
  reason text not null,
  set_at timestamptz not null,
  lifted_at timestamptz,
  constraint a_ceiling_is_sound check (single_fen > 0 and daily_fen >= single_fen),
  constraint ceiling_reason_is_known check (reason in ('simplified_opening'))
);
select core.tenant_table('accounts.firm_ceilings');
select core.desk_works('accounts.firm_ceilings');

-- migrate:down
-- forward only
