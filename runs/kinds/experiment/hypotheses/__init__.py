"""What every hypothesis predicts, what observations say of it, and what to measure next."""
