"""Sites and edges, whatever they were made from: packed rows, regions, shells, clusters, what is wrong."""
