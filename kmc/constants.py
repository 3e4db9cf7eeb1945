"""Physical constants, one value each (CODATA 2018, exact in the SI)."""

BOLTZMANN_EV_K = 8.617333262e-5  # k_B [eV/K]
ELEMENTARY_CHARGE_C = 1.602176634e-19  # e [C]; also the number of joules in one eV
AVOGADRO_1_MOL = 6.02214076e23  # N_A [1/mol]

CM2_IN_A2 = 1e16  # 1 cm² in Å²
PER_CM3_IN_PER_A3 = 1e-24  # 1 cm⁻³ in Å⁻³
ANGSTROM_M = 1e-10  # 1 Å in m
COULOMB_PER_MAH = 3.6  # 1 mAh in C
ATMOSPHERE_MPA = 0.101325  # 1 atm in MPa
