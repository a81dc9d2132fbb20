-- migrate:up
-- Opening an account: the application, its documents, its timeline, and marks shared with others.

create table onboarding.applications (
  business_id uuid not null,
  id uuid not null,
  client_id uuid,
  client_reference text,
  registration_id uuid,
  state text not null default 'draft',
  version int not null default 1,
  round int not null default 0,
  branch text not null,
  account_class text not null,
  account_name text not null,
  uscc text not null,
  entity_type text not null,
  area_code text not null,
  licence_number text,
  licence_until date,
  capital_fen bigint not null,
  established_on date not null,
  purpose text not null,
  expected_monthly_fen bigint not null,
  private bytea not null,
  applied_by uuid,
  number text,
  risk_score int,
  reason_codes text[] not null default '{}',
  route text,
  decision_codes text[] not null default '{}',
  account_id uuid,
  filing_number text,
  filing_refused_code text,
  due_at timestamptz,
  created_at timestamptz not null,
  submitted_at timestamptz,
  ended_at timestamptz,
  primary key (business_id, id),
  constraint an_application_has_one_owner_side check ((client_id is null) <> (applied_by is null)),
  constraint account_class_is_known check (account_class in ('basic', 'general', 'special', 'temporary')),
  constraint application_state_is_known check (state in ('draft', 'submitted', 'reviewing',
    'returned', 'approved', 'active', 'refused', 'referred', 'cancelled')),
  constraint application_route_is_known check (route in ('one_reviewer', 'two_reviewers', 'branch')),
  constraint an_active_one_has_its_account check ((state = 'active') = (account_id is not null)),
  constraint an_ended_one_has_its_moment check ((ended_at is not null)
    = (state in ('active', 'refused', 'referred', 'cancelled'))),
  constraint filed_or_refused check (filing_number is null or filing_refused_code is null),
  constraint amounts_are_not_negative check (capital_fen between 0 and 1000000000000000
    and expected_monthly_fen between 0 and 1000000000000000)
);
create unique index one_application_per_client_reference on onboarding.applications
  (business_id, client_id, client_reference);
create unique index one_basic_application_under_way on onboarding.applications (business_id)
  where account_class = 'basic' and state in
    ('draft', 'submitted', 'reviewing', 'returned', 'approved', 'active');
select core.tenant_table('onboarding.applications');
select core.desk_works('onboarding.applications');
select core.portal_works('onboarding.applications');

create table onboarding.application_documents (
  business_id uuid not null,
  application_id uuid not null,
  kind text not null,
  file_id uuid not null,
  client_id uuid,
  attached_at timestamptz not null,
  primary key (business_id, application_id, kind),
  constraint a_document_belongs_to_an_application foreign key (business_id, application_id)
    references onboarding.applications (business_id, id),
  constraint document_kind_is_known check (kind in ('licence', 'legal_rep_id_front',
    'legal_rep_id_back', 'legal_rep_face', 'address_proof', 'authorisation'))
);
select core.tenant_table('onboarding.application_documents');
select core.desk_reads('onboarding.application_documents');
select core.portal_works('onboarding.application_documents');

create table onboarding.application_turns (
  business_id uuid not null,
  id uuid not null,
  application_id uuid not null,
  client_id uuid,
  state text not null,
  acted text not null,
  codes text[] not null default '{}',
  at timestamptz not null,
  primary key (business_id, id),
  constraint a_turn_belongs_to_an_application foreign key (business_id, application_id)
    references onboarding.applications (business_id, id),
  constraint who_acted_is_known check (acted in ('applicant', 'system', 'reviewer', 'branch'))
);
create index turns_of_an_application on onboarding.application_turns
  (business_id, application_id, id);
select core.tenant_table('onboarding.application_turns');
select core.desk_works('onboarding.application_turns');
select core.portal_works('onboarding.application_turns');
create trigger application_turns_are_append_only before update or delete
  on onboarding.application_turns for each row execute function core.refuse_change();

-- A portal follows the progress of what it sent in, and of nothing else.
create policy portal_follows_its_own on core.progress to portal
  using (exists (select from onboarding.applications a where a.business_id = progress.business_id
    and a.id = progress.stream_id and a.client_id = core.client()))
  with check (exists (select from onboarding.applications a
    where a.business_id = progress.business_id and a.id = progress.stream_id
      and a.client_id = core.client()));

-- A firm has one basic account; whoever activates first has it, at this bank at least.
create table onboarding.basic_accounts (
  uscc text primary key,
  business_id uuid not null,
  application_id uuid not null,
  account_id uuid not null,
  opened_at timestamptz not null
);
select core.directory_table('onboarding.basic_accounts');
revoke update on onboarding.basic_accounts from app, portal, desk, worker;
revoke insert on onboarding.basic_accounts from app, portal, desk;

-- What many openings have in common shows a gang: blind indexes of address, phone, representative.
create table onboarding.opening_marks (
  kind text not null,
  mark bytea not null,
  business_id uuid not null,
  marked_at timestamptz not null,
  primary key (kind, mark, business_id),
  constraint mark_kind_is_known check (kind in ('address', 'phone', 'legal_rep'))
);
select core.directory_table('onboarding.opening_marks');
revoke update on onboarding.opening_marks from app, portal, desk, worker;

-- migrate:down
-- forward only
