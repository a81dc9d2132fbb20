"""Payment requests: a firm asks to be paid by a link or a code, and is paid once."""
