-- name: add_entry
-- The desk puts somebody on a list.
insert into accounts.watch_list
  (id, list, kind, name, pinyin, id_index, reason, source, valid, added_by, added_at)
values (:id, :list, :kind, :name, :pinyin, :id_index, :reason, :source,
  daterange(:from_on::date, :until_on::date), :principal, :now)
returning id, list, kind, name, id_index is not null as by_id, reason, source,
  lower(valid) as from_on, upper(valid) as until_on, added_at, version;

-- name: candidates
-- Entries in force that share an id, a name, a sound or, where that is asked, nearly a name with
-- those looked for.
select id, list, kind, name, pinyin, id_index, reason, version
from accounts.watch_list
where valid @> :today::date
  and (id_index = any(:id_indexes::bytea[]) or name = any(:names::text[])
       or pinyin = any(:sounds::text[])
       or near && array(select unnest(accounts.near_keys(n)) from unnest(:near_names::text[]) n))
order by id limit 100;

-- name: entry
-- One entry in force, for the names that are looked at again.
select id, list, kind, name, pinyin, id_index, reason, version
from accounts.watch_list where id = :id and valid @> :today::date;

-- name: change_entry
-- Only the version that was seen is changed; what was decided about it counts no more.
update accounts.watch_list
set name = :name, pinyin = :pinyin, reason = :reason, source = :source,
    valid = daterange(lower(valid), :until_on::date), version = version + 1
where id = :id and version = :version
returning id, list, kind, name, id_index is not null as by_id, reason, source,
  lower(valid) as from_on, upper(valid) as until_on, added_at, version;

-- name: keep_hits
-- Each hit of a payee once per version of the entry; what was decided before stands.
insert into accounts.screening_hits
  (business_id, id, account_index, name, party_id, entry_id, entry_version, list, how, distance,
   letters, found_at)
select :business_id, uuidv7(), :account_index, :name, :party_id, h.entry_id, h.entry_version,
       h.list, h.how, h.distance, h.letters, :now
from jsonb_to_recordset(:hits::jsonb)
  h(entry_id uuid, entry_version int, list text, how text, distance int, letters jsonb)
on conflict on constraint a_hit_is_decided_once_per_entry_version do nothing;

-- name: states
-- What was decided about these hits of a payee.
select h.state from accounts.screening_hits h
join unnest(:entry_ids::uuid[], :versions::int[]) w(entry_id, entry_version)
  on w.entry_id = h.entry_id and w.entry_version = h.entry_version
where h.business_id = :business_id and h.account_index = :account_index and h.name = :name;

-- name: clear_hits
-- The bank's people let a payment to this payee go: its open hits meant somebody else.
update accounts.screening_hits
set state = 'false_hit', decided_by = :principal, decided_at = :now, reason = :reason
where business_id = :business_id and account_index = :account_index and name = :name
  and state = 'open';

-- name: open_hits
-- The desk's queue over all firms, the oldest first.
select h.business_id, h.id, h.name, h.party_id, h.entry_id, h.entry_version, h.list,
       w.name as listed_name, w.reason as entry_reason, h.how, h.distance, h.letters, h.state,
       h.found_at, h.decided_by, h.decided_at, h.reason
from accounts.screening_hits h join accounts.watch_list w on w.id = h.entry_id
where h.state = 'open'
  and (:after_at::timestamptz is null
       or (h.found_at, h.business_id, h.id) > (:after_at, :after_business::uuid, :after_id::uuid))
order by h.found_at, h.business_id, h.id limit :most;

-- name: hit
-- One hit of a firm, with the entry as it stands.
select h.business_id, h.id, h.name, h.party_id, h.entry_id, h.entry_version, h.list,
       w.name as listed_name, w.reason as entry_reason, h.how, h.distance, h.letters, h.state,
       h.found_at, h.decided_by, h.decided_at, h.reason
from accounts.screening_hits h join accounts.watch_list w on w.id = h.entry_id
where h.business_id = :business_id and h.id = :id;

-- name: decide_hit
-- One decision about a hit.
update accounts.screening_hits
set state = :state, decided_by = :principal, decided_at = :now, reason = :reason
where business_id = :business_id and id = :id and state = 'open';

-- name: entries
-- The lists as the desk reads them, newest first.
select id, list, kind, name, id_index is not null as by_id, reason, source,
  lower(valid) as from_on, upper(valid) as until_on, added_at, version
from accounts.watch_list
where (:before::uuid is null or id < :before::uuid)
order by id desc limit :most;
