-- migrate:up
-- What portals are told: their endpoints, each call-back, and each attempt at it.

create table onboarding.callback_endpoints (
  client_id uuid not null,
  id uuid not null,
  url text not null,
  kinds text[] not null,
  state text not null default 'active',
  secret_sealed bytea not null,
  old_secret_sealed bytea,
  old_until timestamptz,
  failures int not null default 0,
  quiet_until timestamptz,
  made_at timestamptz not null,
  primary key (client_id, id),
  constraint endpoint_address_has_a_bounded_length check (length(url) between 10 and 500),
  constraint endpoint_state_is_known check (state in ('active', 'disabled', 'removed')),
  constraint an_old_secret_has_its_end check ((old_secret_sealed is null) = (old_until is null)),
  constraint failures_are_counted check (failures >= 0)
);
select core.client_table('onboarding.callback_endpoints');

create table onboarding.callbacks (
  client_id uuid not null,
  id uuid not null,
  endpoint_id uuid not null,
  subject_id uuid not null,
  kind text not null,
  application_id uuid,
  body text not null,
  state text not null default 'waiting',
  attempts int not null default 0,
  charge int not null default 1,
  tries int not null default 0,
  asked_by text not null default 'event',
  made_at timestamptz not null,
  next_at timestamptz,
  ended_at timestamptz,
  primary key (client_id, id),
  constraint each_endpoint_is_told_once_of_a_subject unique (client_id, endpoint_id, subject_id),
  constraint a_callback_goes_to_an_endpoint foreign key (client_id, endpoint_id)
    references onboarding.callback_endpoints (client_id, id),
  constraint callback_state_is_known check (state in ('waiting', 'delivered', 'dead')),
  constraint who_asked_is_known check (asked_by in ('event', 'portal', 'desk')),
  constraint a_waiting_one_has_its_next_attempt
    check ((state = 'waiting') = (next_at is not null) and (state = 'waiting') = (ended_at is null)),
  constraint tries_are_among_attempts check (tries between 0 and attempts and charge >= 1)
);
create index callbacks_of_an_application on onboarding.callbacks
  (client_id, application_id, id desc);
create index callbacks_dead on onboarding.callbacks (id) where state = 'dead';
create index callbacks_by_age on onboarding.callbacks (ended_at) where ended_at is not null;
select core.client_table('onboarding.callbacks');
-- The desk sends again what was given up.
create policy desk_sends_again on onboarding.callbacks for update to desk
  using (core.staff() is not null) with check (core.staff() is not null);
grant update (state, charge, tries, asked_by, next_at, ended_at) on onboarding.callbacks to desk;

create table onboarding.callback_deliveries (
  client_id uuid not null,
  callback_id uuid not null,
  no int not null,
  asked_by text not null,
  outcome text not null,
  status int,
  ms int,
  answer text,
  at timestamptz not null,
  primary key (client_id, callback_id, no),
  constraint a_delivery_belongs_to_a_callback foreign key (client_id, callback_id)
    references onboarding.callbacks (client_id, id),
  constraint an_answer_has_a_status check ((outcome in ('taken', 'refused')) = (status is not null))
);
select core.client_table('onboarding.callback_deliveries');
-- What was tried stays as it was; only age takes it away.
create trigger deliveries_do_not_change before update on onboarding.callback_deliveries
  for each row execute function core.refuse_change();
revoke update on onboarding.callback_deliveries from portal, worker;

-- What ended long ago, of all portals, for the clock.
create function onboarding.forget_callbacks(p_before timestamptz, p_most int)
  returns bigint language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare v_gone uuid[];
begin
  select array_agg(f.id) into v_gone from (
    select c.id from onboarding.callbacks c
    where c.ended_at < p_before order by c.ended_at limit p_most) f;
  delete from onboarding.callback_deliveries d where d.callback_id = any(v_gone);
  delete from onboarding.callbacks c where c.id = any(v_gone);
  return coalesce(cardinality(v_gone), 0);
end $$;
revoke execute on function onboarding.forget_callbacks from public;
grant execute on function onboarding.forget_callbacks to nightly;

-- migrate:down
-- forward only
