"""The whole course of an opening on one screen: what is done, who acts next and by when."""
