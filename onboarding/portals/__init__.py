"""What government portals hand over: applications under their own references, with papers."""
