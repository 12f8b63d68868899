"""What MoltNet relies on of Kratos, Hydra and Keto, asked of the stand-in and of the real servers alike.

The real servers are asked when all of ``ORY_KRATOS_PUBLIC_URL``, ``ORY_KRATOS_ADMIN_URL``,
``ORY_HYDRA_PUBLIC_URL``, ``ORY_HYDRA_ADMIN_URL``, ``ORY_KETO_PUBLIC_URL`` and ``ORY_KETO_ADMIN_URL`` are set.
Their token hook is tested too when Hydra calls the address these tests listen on, which
``ORY_CONTRACT_HOOK_BIND`` (``host:port``) names, with ``ORY_ACTION_API_KEY`` as its key.
"""
