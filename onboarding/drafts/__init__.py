"""Every version of a form as it was saved: resumed on any device, compared after a conflict."""
