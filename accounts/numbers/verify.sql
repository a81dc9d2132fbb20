-- name: taken_number_without_account
-- A number that is taken belongs to an account of the same firm that carries it.
select n.number, n.business_id, n.account_id
from accounts.account_numbers n
left join accounts.deposits d
  on d.business_id = n.business_id and d.id = n.account_id and d.number = n.number
where n.state = 'taken' and d.id is null;

-- name: one_account_two_numbers
-- No account carries two numbers.
select account_id, count(*) as numbers
from accounts.account_numbers where state = 'taken'
group by account_id having count(*) > 1;
