-- name: business_without_owner
-- A firm that is not closed has nobody who owns it (the bank itself has none).
select b.business_id, b.state from identity.business_directory b
where b.state <> 'closed' and b.business_id <> '00000000-0000-7000-8000-000000000001'
  and not exists (select from identity.memberships m
                  where m.business_id = b.business_id and m.role = 'owner' and m.state = 'active');

-- name: membership_nobody_finds
-- A membership without its pointer in the directory: the person cannot choose the firm.
select m.business_id, m.person_id from identity.memberships m
where not exists (select from identity.membership_directory d
                  where d.person_id = m.person_id and d.business_id = m.business_id);

-- name: pointer_to_no_membership
-- A pointer in the directory without the membership it points to.
select d.business_id, d.person_id from identity.membership_directory d
where not exists (select from identity.memberships m
                  where m.business_id = d.business_id and m.person_id = d.person_id);

-- name: person_without_phone
-- A person who signed in and whom no phone leads to: they cannot sign in again.
select p.person_id from identity.people p
where not exists (select from identity.phone_directory d where d.person_id = p.person_id);

-- name: session_of_a_person_nobody_knows
-- A session of the owners' door that belongs to no person.
select s.person_id, s.id from identity.sessions s
where s.door = 'person'
  and not exists (select from identity.people p where p.person_id = s.person_id);
