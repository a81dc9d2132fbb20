-- migrate:up
-- Names near to one on a list are found by an index, hits are explained, decided and remembered, and
-- whoever is on a list is marked on the rows that a payment reads anyway.

-- A name as lists compare it: width, brackets, blanks and case do not matter, nor the legal form.
-- The name itself stays as it is.
create function accounts.name_core(p_name text) returns text
  language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
  select regexp_replace(
    regexp_replace(
      upper(translate(p_name,
        '（）【】［］０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ',
        '()()()0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ')),
      '[[:space:]　·•．.()]', '', 'g'),
    '(有限责任公司|股份有限公司|有限公司|有限合伙|合伙企业|股份公司|公司)$', '')
$$;

-- The name with one letter (from four letters on) or two (from eight on) left out at each place:
-- two names are near to each other where they share such a rest.
create function accounts.near_keys(p_name text) returns text[]
  language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
  with named as (
    select c.core, char_length(c.core) as n from (select accounts.name_core(p_name) as core) c
  ), one as (
    select left(core, i - 1) || substr(core, i + 1) as rest
    from named cross join generate_series(1, n) i where n >= 4
  ), two as (
    select left(core, i - 1) || substr(core, i + 1, j - i - 1) || substr(core, j + 1) as rest
    from named cross join generate_series(1, n) i cross join generate_series(i + 1, n) j
    where n between 8 and 24
  )
  select array(select core from named union select rest from one union select rest from two)
$$;

alter table accounts.watch_list
  add column version int not null default 1,
  add column near text[] generated always as (accounts.near_keys(name)) stored;
create index watch_list_by_near on accounts.watch_list using gin (near);
grant update (name, pinyin, reason, source, valid, version) on accounts.watch_list to desk;

create table accounts.screening_hits (
  business_id uuid not null,
  id uuid not null,
  account_index bytea not null,
  name text not null,
  party_id uuid,
  entry_id uuid not null,
  entry_version int not null,
  list text not null,
  how text not null,
  distance int not null,
  letters jsonb not null,
  state text not null default 'open',
  found_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  reason text not null default '',
  primary key (business_id, id),
  constraint a_hit_is_decided_once_per_entry_version
    unique (business_id, account_index, name, entry_id, entry_version),
  constraint how_it_matched_is_known check (how in ('id', 'name', 'pinyin', 'near')),
  constraint hit_state_is_known check (state in ('open', 'false_hit', 'true_hit')),
  constraint a_decided_hit_is_somebodys
    check ((state = 'open') = (decided_by is null) and (state = 'open') = (decided_at is null)),
  constraint a_near_name_differs check ((how = 'near') = (distance > 0))
);
-- The desk's queue runs over all firms, the oldest first.
create index screening_hits_open on accounts.screening_hits (found_at, business_id, id)
  where state = 'open';
select core.tenant_table('accounts.screening_hits');
select core.desk_works('accounts.screening_hits');
revoke insert on accounts.screening_hits from desk;

-- A firm never decides what the bank asks about it.
create function accounts.guard_hit() returns trigger language plpgsql as $$
begin
  if old.state <> 'open' and new.state is distinct from old.state then
    raise exception 'a decided hit stays decided' using errcode = 'XW002';
  end if;
  if session_user = 'app' and new.state is distinct from old.state then
    raise exception 'only the bank decides a hit' using errcode = 'XW003';
  end if;
  return new;
end $$;
create trigger hits_are_decided_by_the_bank before update on accounts.screening_hits
  for each row execute function accounts.guard_hit();

alter table accounts.parties
  add column listed boolean not null default false,
  add column entered_by uuid,
  add column name_check text not null default 'unchecked',
  add constraint name_check_is_known check (name_check in ('unchecked', 'same', 'similar'));
alter table accounts.account_directory add column listed boolean not null default false;

-- Names of all firms' books and of the bank's accounts, a page at a time, for a list that changed;
-- and the marks of those that were found.
create function accounts.party_names(p_after_business uuid, p_after uuid, p_limit int)
  returns table (business_id uuid, id uuid, name text)
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select p.business_id, p.id, p.name from accounts.parties p
  where p.state = 'active' and not p.listed
    and (p.business_id, p.id) > (p_after_business, p_after)
  order by p.business_id, p.id limit p_limit
$$;
create function accounts.account_names(p_after text, p_limit int)
  returns table (number text, name text)
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select d.number, d.name from accounts.account_directory d
  where not d.listed and d.number > p_after order by d.number limit p_limit
$$;
create function accounts.mark_listed(p_businesses uuid[], p_parties uuid[], p_numbers text[])
  returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  update accounts.parties p set listed = true
  from unnest(p_businesses, p_parties) u(business_id, id)
  where p.business_id = u.business_id and p.id = u.id;
  update accounts.account_directory set listed = true where number = any(p_numbers);
$$;
revoke execute on function accounts.party_names, accounts.account_names, accounts.mark_listed
  from public;
grant execute on function accounts.party_names, accounts.account_names, accounts.mark_listed
  to nightly;

-- The lane hands over what it cannot decide from its own rows: firms with a mandate in force,
-- makers with a limit per device, amounts that monitors look at, payees on a list.
grant create on schema accounts to ledger_owner;
set local role ledger_owner;
do $$
declare
  v_text text := pg_get_functiondef('accounts.pay_batch'::regproc);
  v_before text;
  v_change text[];
begin
  foreach v_change slice 1 in array array[
    ['  v_usual_above bigint;', '  v_usual_above bigint; v_examined_from bigint;'],
    ['  -- 1. Whose the payees'' numbers are',
     E'  select (p.value ->> ''examined_from_fen'')::bigint into v_examined_from\n'
     || E'  from accounts.policies p where p.kind = ''monitors.terms'' and p.valid @> v_today;\n\n'
     || '  -- 1. Whose the payees'' numbers are'],
    ['d.account_id, d.name,',
     'd.account_id, case when d.listed then '''' else d.name end as name,'],
    ['join accounts.person_limits l on l.business_id = w.business_id and l.person_id = w.person_id',
     'join accounts.person_limits l on l.business_id = w.business_id and l.person_id = w.person_id'
     || E'\n      and not l.by_device'],
    ['case when r.business_id is null then v_usual_above',
     'case when v.business_id is not null then -1 when r.business_id is null then v_usual_above'],
    ['left join accounts.second_person_rules r on r.business_id = u.business_id;',
     'left join accounts.second_person_rules r on r.business_id = u.business_id'
     || E'\n  left join accounts.mandates v on v.business_id = u.business_id'
     || ' and v.state = ''in_force'';'],
    ['v_bank <> left(p_bank_codes[i], 3);',
     'v_bank <> left(p_bank_codes[i], 3) or v_amount >= v_examined_from;']
  ] loop
    v_before := v_text;
    v_text := replace(v_text, v_change[1], v_change[2]);
    if v_text = v_before then
      raise exception 'the lane has no "%"', v_change[1];
    end if;
  end loop;
  execute v_text;
end $$;
reset role;
revoke create on schema accounts from ledger_owner;

-- migrate:down
-- forward only
