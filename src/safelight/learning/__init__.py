"""What decisions teach: labels for calibration, bounds on escapes, proposals that a person accepts."""
