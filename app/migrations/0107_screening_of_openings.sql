-- migrate:up
-- What each outside source answered about an opening, evidence that is personal, marks that openings
-- have in common, and the bank's policy that weighs all of it, by date and version.

insert into accounts.policies (kind, valid, value, source) values
  ('opening.risk', '[2018-01-01,)',
   '{"version": "2018-01",
     "points": {
       "registry_not_found": null, "registry_status": null, "name_differs": null,
       "legal_representative_differs": null, "address_differs": 30, "capital_differs": 10,
       "established_differs": 10, "type_differs": 20,
       "licence_expired": null, "licence_expires_soon": 10, "new_firm": 20,
       "id_invalid": null, "id_expired": null, "under_age": null, "id_validity_unknown": 5,
       "id_not_in_register": null, "face_differs": null, "face_not_taken": 15,
       "on_watch_list": null, "possible_watch_list_match": 40, "on_risk_list": 40,
       "owners_differ": 30, "basic_account_elsewhere": null, "no_basic_account": null,
       "basic_number_differs": null, "general_where_basic_is": null,
       "amount_out_of_scale": 10,
       "address_shared": 10, "address_shared_by_many": 30,
       "phone_shared": 10, "phone_shared_by_many": 30,
       "legal_rep_shared": 10, "legal_rep_shared_by_many": 40,
       "owner_shared_by_many": 20, "device_shared_by_many": 20,
       "opened_in_batch": 40, "related_to_refused": 40
     },
     "straight_through_up_to": {"simplified": 25, "full": -1},
     "two_reviewers_from": 20, "branch_from": 80,
     "new_firm_days": 180, "soon_days": 30, "adult_years": 18, "scale": 20,
     "many": {"address": 3, "phone": 3, "legal_rep": 3, "owner": 5, "device": 5},
     "batch_days": 7, "batch_firms": 3}',
   'bank policy; null sends to the branch (银发〔2019〕41号: refuse where name, code, representative or licence conflict)');

create table onboarding.check_answers (
  business_id uuid not null,
  application_id uuid not null,
  round int not null,
  source text not null,
  private bytea not null,
  answered_at timestamptz not null,
  primary key (business_id, application_id, round, source),
  constraint an_answer_is_about_an_application foreign key (business_id, application_id)
    references onboarding.applications (business_id, id),
  constraint source_is_known check (source in ('registry', 'account_system', 'population'))
);
select core.tenant_table('onboarding.check_answers');
create trigger answers_do_not_change before update or delete on onboarding.check_answers
  for each row execute function core.refuse_change();

-- `private` holds the compared fields in clear, sealed: only who reviews the firm opens them.
alter table onboarding.checks
  add column private bytea,
  drop constraint check_kind_is_known,
  add constraint check_kind_is_known check (kind in ('registry', 'licence', 'resident_id', 'face',
    'watch_list', 'owners', 'basic_account', 'reuse'));

alter table onboarding.opening_marks
  add column application_id uuid,
  drop constraint mark_kind_is_known,
  add constraint mark_kind_is_known
    check (kind in ('address', 'phone', 'legal_rep', 'owner', 'device'));

-- How many other firms' openings carry a mark: in all, since a day, and how many the bank refused or
-- sent to a branch. Counts only: whose they are stays theirs.
create function onboarding.shared_marks(
    p_kinds text[], p_marks bytea[], p_own uuid, p_since timestamptz)
  returns table (kind text, firms int, lately int, refused int) language sql stable
  security definer set search_path = pg_catalog, pg_temp
begin atomic
  select m.kind, count(distinct m.business_id)::int,
    count(distinct m.business_id) filter (where m.marked_at >= p_since)::int,
    count(distinct m.business_id) filter (where a.state in ('refused', 'referred'))::int
  from onboarding.opening_marks m
  left join onboarding.applications a
    on a.business_id = m.business_id and a.id = m.application_id
  where (m.kind, m.mark) in (
      select w.kind, w.mark from unnest(p_kinds, p_marks) as w (kind, mark))
    and m.business_id <> p_own
  group by m.kind;
end;
revoke execute on function onboarding.shared_marks from public;
grant execute on function onboarding.shared_marks to worker;

-- migrate:down
-- forward only
