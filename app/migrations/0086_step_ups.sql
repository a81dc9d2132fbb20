-- migrate:up
-- Confirmations by a second factor, each bound to what is confirmed, and keys that devices hold.

create table identity.step_ups (
  person_id uuid not null,
  id uuid not null,
  action text not null,
  bound bytea not null,
  nonce bytea not null,
  text_sealed bytea not null,
  code_check bytea not null,
  code_sealed bytea,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  confirmed_at timestamptz,
  confirmed_by uuid,
  used_at timestamptz,
  primary key (person_id, id),
  constraint what_is_confirmed_is_a_hash check (octet_length(bound) = 32),
  constraint a_nonce_is_16_bytes check (octet_length(nonce) = 16),
  constraint a_confirmation_lasts_five_minutes
    check (expires_at > made_at and expires_at <= made_at + interval '5 minutes'),
  constraint only_a_confirmed_one_is_used
    check (used_at is null or (confirmed_at is not null and used_at < expires_at)),
  constraint a_key_confirms_at_a_moment check (confirmed_by is null or confirmed_at is not null)
);
create index step_ups_by_expiry on identity.step_ups (expires_at);
select core.person_table('identity.step_ups');

-- What is bound stays bound, and what was used stays used.
create function identity.step_up_only_goes_on() returns trigger language plpgsql as $$
begin
  if (new.person_id, new.id, new.action, new.bound, new.nonce, new.code_check, new.made_at,
      new.expires_at)
     is distinct from
     (old.person_id, old.id, old.action, old.bound, old.nonce, old.code_check, old.made_at,
      old.expires_at)
     or (old.confirmed_at is not null and new.confirmed_at is distinct from old.confirmed_at)
     or (old.used_at is not null and new.used_at is distinct from old.used_at) then
    raise exception 'a confirmation is not rewritten' using errcode = 'XW011';
  end if;
  return new;
end $$;
create trigger a_step_up_only_goes_on before update on identity.step_ups
  for each row execute function identity.step_up_only_goes_on();

-- Old ones of everybody: a person's rows are seen by that person alone.
create function identity.forget_step_ups(p_before timestamptz) returns bigint
  language sql security definer set search_path = pg_catalog, pg_temp as $$
  with gone as (delete from identity.step_ups where expires_at < p_before returning 1)
  select count(*) from gone
$$;
revoke execute on function identity.forget_step_ups from public;
grant execute on function identity.forget_step_ups to nightly;

create table identity.device_keys (
  person_id uuid not null,
  id uuid not null,
  session_id uuid not null,
  name text not null,
  algorithm text not null,
  public_key bytea not null,
  state text not null default 'active',
  made_at timestamptz not null,
  revoked_at timestamptz,
  primary key (person_id, id),
  constraint a_device_registers_a_key_once unique (person_id, public_key),
  constraint key_algorithm_is_known check (algorithm in ('p256', 'ed25519')),
  constraint key_state_is_known check (state in ('active', 'revoked')),
  constraint a_revoked_key_has_a_moment check ((state = 'revoked') = (revoked_at is not null))
);
select core.person_table('identity.device_keys');

-- migrate:down
-- forward only
