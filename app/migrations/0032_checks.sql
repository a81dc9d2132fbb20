-- migrate:up
-- What was checked about an application in each round, and the evidence for it.

create table onboarding.checks (
  business_id uuid not null,
  application_id uuid not null,
  round int not null,
  kind text not null,
  result text not null,
  codes text[] not null default '{}',
  evidence jsonb not null,
  checked_at timestamptz not null,
  primary key (business_id, application_id, round, kind),
  constraint a_check_belongs_to_an_application foreign key (business_id, application_id)
    references onboarding.applications (business_id, id),
  constraint check_kind_is_known check (kind in ('registry', 'licence', 'resident_id', 'face',
    'watch_list', 'basic_account', 'reuse')),
  constraint check_result_is_known check (result in ('passed', 'noted', 'failed'))
);
select core.tenant_table('onboarding.checks');
select core.desk_reads('onboarding.checks');
create trigger evidence_does_not_change before update or delete on onboarding.checks
  for each row execute function core.refuse_change();

-- migrate:down
-- forward only
