"""Prints the numbers that covariance_test.cpp expects. Needs scikit-learn."""
import numpy as np
from sklearn.covariance import LedoitWolf

x = np.array([[np.sin(1 + 3 * i + 7 * j) + i * j / 10 for j in range(3)] for i in range(6)])
fit = LedoitWolf().fit(x)
print(f"{fit.shrinkage_:.15f} {fit.covariance_[0, 1]:.15f} {fit.covariance_[2, 2]:.15f}")
