"""HTTP in, routed feedback and pages out. Imports neither pandas nor scikit-learn."""
