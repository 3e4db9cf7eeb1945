"""Cases that several tests take, small enough to run in a second or two."""

TUBULE = """\
[tubule]
inner_width_nm = 3.0
wall_thickness_nm = 2.0
segment_nm = 4.0
[[wall]]
name = "LiC6"
activation_energy_eV = 0.4
[[wall]]
name = "Li22Si5"
[run]
target_error = 0.2
"""
TWO_WALLS = """\
[tubule]
inner_width_nm = 2.5
wall_thickness_nm = 1.0
[[wall]]
name = "LiC6"
[[wall]]
name = "Li9Al4"
[run]
target_error = 0.1
"""
OWN_WALL = """\
[tubule]
inner_width_nm = 2.5
wall_thickness_nm = 1.0
[[wall]]
name = "my-wall"
diffusivity_cm2_s = 1e-8
activation_energy_eV = 0.4
concentration_cm3 = 3e22
"""
SEGMENT = """\
[tubule]
inner_width_nm = 2.4
wall_thickness_nm = 1.0
segment_nm = 3.0
[[wall]]
name = "LiC6"
[run]
field_kT = 0.3
"""
GROWS = """\
[tubule]
inner_width_nm = 2.5
wall_thickness_nm = 1.0
[[wall]]
name = "inert"
[growth]
"""  # keys of [growth] follow
TRACER = """\
case = "tubule.toml"
free = ["wall"]
[[target]]
kind = "tracer_diffusivity"
region = "wall"
value = 2e-8
error = 2e-9
unit = "cm2/s"
"""
