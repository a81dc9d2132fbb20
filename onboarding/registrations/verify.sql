-- name: registered_firm_unknown_to_the_bank
-- A registered firm carries the same code in the bank's directory.
select r.business_id, r.id, r.uscc
from onboarding.registrations r
left join identity.business_directory d on d.business_id = r.business_id
where r.state = 'registered' and d.uscc is distinct from r.uscc;

-- name: registered_without_licence_part
-- The licence part is done exactly when the firm is registered.
select p.business_id, p.registration_id, p.state
from onboarding.registration_parts p
join onboarding.registrations r on r.business_id = p.business_id and r.id = p.registration_id
where p.part = 'licence' and (p.state = 'done') <> (r.state = 'registered');

-- name: submitted_without_reference
-- A registration that was sent can be found by what the registry calls it.
select r.business_id, r.id
from onboarding.registrations r
left join onboarding.firm_references o
  on o.object_id = r.id and o.business_id = r.business_id
where r.state in ('submitted', 'registered') and o.object_id is null;

-- name: live_form_without_its_name
-- A form under way has its name, or the reservation has run out.
select r.business_id, r.id
from onboarding.registrations r
left join onboarding.declared_names n
  on n.authority = left(r.area_code, 4) || '00' and n.name_key = r.name_key and n.business_id = r.business_id
where r.state = 'registered' and (n.name_key is null or n.reserved_until is not null);

-- name: firm_sent_without_its_owners
-- Whoever must file beneficial owners was sent with them: somebody always stands behind a firm.
select r.business_id, r.id
from onboarding.registrations r
where r.state in ('submitted', 'registered') and r.signed_version is not null
  and r.entity_type in ('limited_company', 'joint_stock_company', 'partnership')
  and not exists (select from onboarding.beneficial_owners o
    where o.business_id = r.business_id and o.subject_id = r.id
      and o.version = r.signed_version);

-- name: form_sent_unsigned
-- A form that was sent was signed by everyone who was asked for that version.
select r.business_id, r.id
from onboarding.registrations r
where r.signed_version is not null and (
  not exists (select from onboarding.signatures s where s.business_id = r.business_id
    and s.subject_id = r.id and s.version = r.signed_version)
  or exists (select from onboarding.signatures s where s.business_id = r.business_id
    and s.subject_id = r.id and s.version = r.signed_version and s.state <> 'signed'));

-- name: draft_without_its_version
-- The version a draft is in was saved: a conflict can say what changed. Drafts begun before
-- versions were saved have none until they are saved again.
select r.business_id, r.id
from onboarding.registrations r
join onboarding.registration_versions f
  on f.business_id = r.business_id and f.registration_id = r.id
where r.state = 'draft'
group by r.business_id, r.id, r.version
having max(f.version) <> r.version;
