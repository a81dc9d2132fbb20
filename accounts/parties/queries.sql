-- name: add_party
-- An account stands in the book once: the second entry of it touches no row.
insert into accounts.parties
  (business_id, id, name, account_sealed, account_index, account_tail, bank_code, uscc, roles,
   cooling_until, created_at, name_check, entered_by)
values
  (:business_id, :id, :name, :account_sealed, :account_index, :account_tail, :bank_code, :uscc,
   :roles::text[], :cooling_until, :now, :name_check, :person_id)
on conflict (business_id, account_index, bank_code) where state = 'active' do nothing;

-- name: party
-- One entry as its firm sees it.
select id, name, account_tail, bank_code, uscc, roles, state, trusted, cooling_until, version,
       created_at, name_check, listed, entered_by
from accounts.parties where business_id = :business_id and id = :id;

-- name: party_by_account
-- The entry of an account already known, found without reading any number.
select id, name, account_tail, bank_code, uscc, roles, state, trusted, cooling_until, version,
       created_at, name_check, listed, entered_by
from accounts.parties
where business_id = :business_id and account_index = :account_index and bank_code = :bank_code
  and state = 'active';

-- name: parties_page
-- The book newest first, filtered by role and a part of the name; one row more than the page.
select id, name, account_tail, bank_code, uscc, roles, state, trusted, cooling_until, version,
       created_at, name_check, listed, entered_by
from accounts.parties
where business_id = :business_id
  and state = 'active'
  and (:role::text is null or :role = any(roles))
  and (:part::text is null or position(lower(:part) in lower(name)) > 0)
  and (:after_id::uuid is null or id < :after_id)
order by id desc limit :limit::int + 1;

-- name: sealed_account
-- Where the party's money goes; opened only by the payment that needs it.
select name, bank_code, account_sealed, state, trusted, cooling_until, listed
from accounts.parties where business_id = :business_id and id = :id;

-- name: trust_party
-- Only the version that the person saw becomes trusted.
update accounts.parties set trusted = true, trusted_by = :person_id, version = version + 1
where business_id = :business_id and id = :id and version = :version and state = 'active';

-- name: close_party
-- A closed entry keeps its history and frees the account for a new entry.
update accounts.parties set state = 'closed', version = version + 1
where business_id = :business_id and id = :id and version = :version and state = 'active';

-- name: look
-- What lists are asked about.
select name, account_index from accounts.parties where business_id = :business_id and id = :id;

-- name: mark_listed
-- A list may name this entry: its payments are looked at.
update accounts.parties set listed = true where business_id = :business_id and id = :id;

-- name: add_parties
-- Many entries in one statement; an account that stands in the book already touches no row.
insert into accounts.parties
  (business_id, id, name, account_sealed, account_index, account_tail, bank_code, uscc, roles,
   cooling_until, created_at, name_check, entered_by)
select :business_id, n.id, n.name, n.sealed, n.index, n.tail, n.bank_code, n.uscc,
       string_to_array(n.roles, ','), :cooling_until, :now, n.name_check, :person_id
from unnest(:ids::uuid[], :names::text[], :sealed::bytea[], :indexes::bytea[], :tails::text[],
            :bank_codes::text[], :usccs::text[], :roles::text[], :checks::text[])
  n(id, name, sealed, index, tail, bank_code, uscc, roles, name_check)
on conflict (business_id, account_index, bank_code) where state = 'active' do nothing
returning id;
