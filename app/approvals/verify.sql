-- name: approval_settled_without_enough_votes
-- An approved question with fewer different people than it asked for.
select a.business_id, a.id, a.kind from core.approvals a
where a.state = 'approved'
  and (select count(*) from core.approval_decisions d
       where d.business_id = a.business_id and d.approval_id = a.id and d.approve) < a.levels;
