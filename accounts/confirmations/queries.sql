-- name: months
-- The closed months of an account, newest first.
select month_on, opening_fen, came_in_fen, went_out_fen, closing_fen, lines
from accounts.monthly_statements
where business_id = :business_id and account_id = :account_id
order by month_on desc limit 240;

-- name: letters_page
-- Newest first; one row more than the page.
select l.id, l.account_id, d.number as account_number, d.name as account_name, l.as_of_on,
       l.currency, l.balance_fen, l.state, l.stated_fen, l.differences, l.answered_by,
       l.answered_at, l.version, l.made_at
from accounts.balance_letters l
join accounts.deposits d on d.business_id = l.business_id and d.id = l.account_id
where l.business_id = :business_id
  and (:state::text is null or l.state = :state)
  and (:after_on::date is null or (l.as_of_on, l.id) < (:after_on, :after_id::uuid))
order by l.as_of_on desc, l.id desc limit :limit::int + 1;

-- name: letter
-- One letter of the firm.
select l.id, l.account_id, d.number as account_number, d.name as account_name, l.as_of_on,
       l.currency, l.balance_fen, l.state, l.stated_fen, l.differences, l.answered_by,
       l.answered_at, l.version, l.made_at
from accounts.balance_letters l
join accounts.deposits d on d.business_id = l.business_id and d.id = l.account_id
where l.business_id = :business_id and l.id = :id;

-- name: save_answer
-- Of two answers to the letter as it was seen one is kept.
update accounts.balance_letters
set state = :state, stated_fen = :stated_fen, differences = :differences,
    answered_by = :person_id, answered_at = :now, version = version + 1
where business_id = :business_id and id = :id and version = :version and state = 'open';

-- name: make_month
-- A month of every account of every firm, and the letters if it is time; set-based.
select accounts.make_month(:month, :letters, :now);
