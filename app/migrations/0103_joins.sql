-- migrate:up
-- A firm that exists joins by its code, once its legal representative has proved who they are.

create table onboarding.joins (
  business_id uuid not null,
  id uuid not null,
  uscc text not null,
  state text not null default 'asked',
  private bytea not null,
  refused_code text,
  asked_by uuid not null,
  asked_at timestamptz not null,
  ended_at timestamptz,
  primary key (business_id, id),
  constraint join_state_is_known check (state in ('asked', 'proving', 'joined', 'refused')),
  constraint a_refused_join_says_why check ((state = 'refused') = (refused_code is not null)),
  constraint an_ended_join_has_its_moment
    check ((state in ('joined', 'refused')) = (ended_at is not null))
);
create unique index one_join_under_way on onboarding.joins (business_id)
  where state in ('asked', 'proving', 'joined');
select core.tenant_table('onboarding.joins');
select core.desk_reads('onboarding.joins');

-- migrate:down
-- forward only
