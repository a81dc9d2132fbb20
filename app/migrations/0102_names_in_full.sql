-- migrate:up
-- Names are compared by how they sound within an authority and an industry; a reservation runs its
-- own time and is extended once.

alter table onboarding.declared_names
  add column trade_name text not null default '',
  add column industry text not null default '',
  add column sound text not null default '',
  add column extended boolean not null default false;
-- Everybody reads this directory: it is no firm's own table.
create index declared_names_of_an_industry on onboarding.declared_names (authority, industry);
create index declared_names_by_sound on onboarding.declared_names using gin (sound gin_trgm_ops);

drop function onboarding.declare_name(text, text, text, date, date);
-- The one way to a name: nobody has it, or its reservation has lapsed. Whoever has it keeps the time
-- that runs: a form edited again and again does not keep a name from others for ever.
create function onboarding.declare_name(
  p_authority text, p_name_key text, p_name text, p_trade_name text, p_industry text,
  p_sound text, p_reserved_until date, p_today date
) returns setof onboarding.declared_names language sql
  security definer set search_path = pg_catalog, pg_temp
begin atomic
  insert into onboarding.declared_names as n
    (authority, name_key, name, business_id, reserved_until, trade_name, industry, sound)
  values (p_authority, p_name_key, p_name, core.business(), p_reserved_until, p_trade_name,
    p_industry, p_sound)
  on conflict (authority, name_key) do update
    set name = excluded.name, business_id = excluded.business_id,
        trade_name = excluded.trade_name, industry = excluded.industry, sound = excluded.sound,
        extended = n.extended and n.reserved_until > p_today,
        reserved_until = case
          when n.business_id = excluded.business_id and n.reserved_until > p_today
            then n.reserved_until
          else excluded.reserved_until end
    where (n.business_id = excluded.business_id and n.reserved_until is not null)
       or n.reserved_until <= p_today
  returning *;
end;
revoke execute on function onboarding.declare_name from public;
grant execute on function onboarding.declare_name to app, worker;

-- Names of the same place and industry that sound like one, the most alike first. Nobody but the
-- owner may use the extension's functions.
create function onboarding.names_alike(
  p_authority text, p_industry text, p_sound text, p_name_key text, p_asker uuid, p_today date
) returns table (name text, trade_name text, sound text, likeness_ppm int) language sql stable
  security definer set search_path = pg_catalog, pg_temp
begin atomic
  select n.name, n.trade_name, n.sound, (public.similarity(n.sound, p_sound) * 1000000)::int
  from onboarding.declared_names n
  where n.authority = p_authority and n.industry = p_industry
    and n.sound operator(public.%) p_sound and n.name_key <> p_name_key
    and n.business_id <> p_asker
    and (n.reserved_until is null or n.reserved_until > p_today)
  order by public.similarity(n.sound, p_sound) desc, n.name limit 10;
end;
revoke execute on function onboarding.names_alike from public;
grant execute on function onboarding.names_alike to app, worker;

-- migrate:down
-- forward only
