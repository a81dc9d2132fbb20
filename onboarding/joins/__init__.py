"""A firm that exists joins: the register is asked, its legal representative proves and signs."""
